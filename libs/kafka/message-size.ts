import type { OutgoingMessage, RawRecord } from './kafka.js';

/** At most: two lengths for a header; lengths, offset and time for a record. */
const AROUND_HEADER_BYTES = 10;
const AROUND_RECORD_BYTES = 32;

/** What a message takes of a request, headers included: a few bytes more than it really does. */
export function sizeOf({ key, value, headers }: OutgoingMessage | RawRecord): number {
  let bytes = AROUND_RECORD_BYTES + bytesOf(key) + bytesOf(value);
  const all: Readonly<Record<string, string | readonly (Buffer | null)[]>> = headers;
  for (const [name, found] of Object.entries(all)) {
    const values = typeof found === 'string' ? [found] : found;
    for (const one of values) bytes += AROUND_HEADER_BYTES + bytesOf(name) + bytesOf(one);
  }
  return bytes;
}

function bytesOf(text: string | Buffer | null): number {
  return text === null ? 0 : Buffer.byteLength(text);
}
