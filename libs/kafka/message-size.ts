import type { OutgoingMessage, RawRecord } from './kafka.js';

/** Upper bounds: two lengths per header; lengths, offset and time per record. */
const AROUND_HEADER_BYTES = 10;
const AROUND_RECORD_BYTES = 32;

/** Size of a message in a request, headers included: slightly more than the real size. */
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
