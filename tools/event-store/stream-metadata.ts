import { LAST_REVISION, toRevision } from './stored-event.js';

/** What the metadata of a stream say about which of its events are to be seen. */
export interface StreamMetadata {
  readonly maxCount?: bigint;
  readonly maxAgeSeconds?: number;
  /** `$tb`: events before this revision are gone. */
  readonly truncateBefore?: bigint;
}

/** Metadata streams keep their last event only. */
export const METADATA_OF_METADATA: StreamMetadata = { maxCount: 1n };

/** The data of the metadata event that deletes a stream. */
export const DELETED_METADATA = Buffer.from(`{"$tb":${LAST_REVISION}}`);

const PREFIX = '$$';

export const isMetadataStream = (stream: string): boolean => stream.startsWith(PREFIX);
export const metadataStreamOf = (stream: string): string => PREFIX + stream;
export const originalStreamOf = (metadataStream: string): string => metadataStream.slice(PREFIX.length);

/** Reads the data of a metadata event; what is no JSON object, or has a number of the wrong kind, says nothing. */
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

/** The same metadata with another `$tb`: what a deleted stream gets when it is written to again. */
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
