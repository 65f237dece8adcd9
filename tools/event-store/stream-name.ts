import { isUtf8 } from 'node:buffer';
import type { shared } from './protocol.js';
import { invalidRequest } from './request.errors.js';
import { isMetadataStream, originalStreamOf } from './stream-metadata.js';

/** An index entry of PostgreSQL has room for 2.7 kB. */
const MAX_NAME_BYTES = 2_048;

/** The name of a stream as it came. Throws `RequestError` for one that no stream can have here. */
export const streamNameOf = (identifier: InstanceType<typeof shared.StreamIdentifier> | undefined): string =>
  toStreamName(Buffer.from(identifier?.getStreamName_asU8() ?? []));

/** The same, of its bytes. */
export function toStreamName(bytes: Buffer): string {
  const name = bytes.toString('utf8');
  const complaint = isUtf8(bytes) ? complaintAbout(name, bytes.length) : 'the name of a stream is no UTF-8';
  if (complaint !== undefined) throw invalidRequest(complaint);
  return name;
}

/** Throws `RequestError` for a write to a stream of metadata that would belong to a metadata stream: those have none. */
export function assertNoMetadataOfMetadata(stream: string): void {
  if (isMetadataStream(stream) && isMetadataStream(originalStreamOf(stream))) {
    throw invalidRequest('a metadata stream has no metadata of its own');
  }
}

function complaintAbout(name: string, bytes: number): string | undefined {
  if (name === '') return 'the stream has no name';
  if (name === '$all') return '$all is no stream of its own';
  if (name.includes('\0')) return 'the name of a stream may not hold the character NUL';
  if (bytes > MAX_NAME_BYTES) return `the name of a stream may take ${MAX_NAME_BYTES} bytes`;
  return undefined;
}
