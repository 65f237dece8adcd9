import { LAST_REVISION, toRevision } from './stored-event.js';

/** The parts of a stream's metadata that determine which of its events are visible. */
export interface StreamMetadata {
  readonly maxCount?: bigint;
  readonly maxAgeSeconds?: number;
  /** `$tb`: events before this revision are gone. */
  readonly truncateBefore?: bigint;
}

/** Metadata streams keep only their last event. */
export const METADATA_OF_METADATA: StreamMetadata = { maxCount: 1n };

/** The data of the metadata event that deletes a stream. */
export const DELETED_METADATA = Buffer.from(`{"$tb":${LAST_REVISION}}`);

const PREFIX = '$$';

export const isMetadataStream = (stream: string): boolean => stream.startsWith(PREFIX);
export const metadataStreamOf = (stream: string): string => PREFIX + stream;
export const originalStreamOf = (metadataStream: string): string => metadataStream.slice(PREFIX.length);

/**
 * Parses the data of a metadata event. Ignores anything that is not a JSON object, and numbers of
 * the wrong kind.
 */
export function parseMetadata(data: Uint8Array | undefined): StreamMetadata {
  const properties = toProperties(data);
  const read = (name: string): number | undefined => properties[name] as number | undefined;
  const [maxCount, maxAge, truncateBefore] = [read('$maxCount'), read('$maxAge'), read('$tb')];
  const isOdd = [maxCount, maxAge, truncateBefore].some(
    (value) => value !== undefined && !Number.isInteger(value),
  );
  if (isOdd) return {};
  return {
    ...(maxCount !== undefined && maxCount > 0 && { maxCount: toRevision(maxCount) }),
    ...(maxAge !== undefined && maxAge > 0 && { maxAgeSeconds: maxAge }),
    ...(truncateBefore !== undefined &&
      truncateBefore >= 0 && { truncateBefore: toRevision(truncateBefore) }),
  };
}

/** The same metadata with another `$tb`, for a deleted stream that is written to again. */
export function withTruncateBefore(data: Uint8Array | undefined, revision: bigint): Buffer {
  return Buffer.from(JSON.stringify({ ...toProperties(data), $tb: Number(revision) }));
}

function toProperties(data: Uint8Array | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(data ?? []).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
