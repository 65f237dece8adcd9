import { isUtf8 } from 'node:buffer';
import type { shared } from './protocol.js';
import { invalidRequest } from './request.errors.js';
import { isMetadataStream, originalStreamOf } from './stream-metadata.js';

/** An index entry of PostgreSQL has room for 2.7 kB. */
const MAX_NAME_BYTES = 2_048;

/** The name of a stream as received. Throws `RequestError` if no stream can have this name. */
export const streamNameOf = (identifier: InstanceType<typeof shared.StreamIdentifier> | undefined): string =>
  toStreamName(Buffer.from(identifier?.getStreamName_asU8() ?? []));

/** The same, from bytes. */
export function toStreamName(bytes: Buffer): string {
  const name = bytes.toString('utf8');
  const complaint = isUtf8(bytes)
    ? complaintAbout(name, bytes.length)
    : 'the name of a stream must be valid UTF-8';
  if (complaint !== undefined) throw invalidRequest(complaint);
  return name;
}

/**
 * Throws `RequestError` for a write to the metadata stream of a metadata stream: these have no
 * metadata.
 */
export function assertNoMetadataOfMetadata(stream: string): void {
  if (isMetadataStream(stream) && isMetadataStream(originalStreamOf(stream))) {
    throw invalidRequest('a metadata stream has no metadata of its own');
  }
}

function complaintAbout(name: string, bytes: number): string | undefined {
  if (name === '') return 'the stream has no name';
  if (name === '$all') return '$all is not a stream';
  if (name.includes('\0')) return 'the name of a stream must not contain a NUL character';
  if (bytes > MAX_NAME_BYTES) return `the name of a stream may have at most ${MAX_NAME_BYTES} bytes`;
  return undefined;
}
