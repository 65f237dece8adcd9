import { createHash } from 'node:crypto';
import type { BlobStore } from '#libs/blob/blob-store.js';
import type { BlobRef } from '#libs/core/blob-ref.js';
import type { Range } from '#libs/core/flow/spread/ranges.js';
import type { SpreadSource } from '#libs/core/flow/spread/spread.js';

/** Of one item in an index: where it ends (a float of 64 bits), and 8 bytes of its SHA-256. */
const ENTRY = 16;
const OFFSET = 8;
/** Of one item in a list: its number, as a float of 64 bits. */
const NUMBER = 8;
/** How much of the contents, and how many entries, are kept together before they are written. */
const PART_BYTES = 64 * 1024;
const ENTRIES_TOGETHER = 4_096;

/** An item whose stored content is not what was written. */
export const ALTERED = 'altered';

/**
 * Writes the items of a spread to the store, as two blobs of an owner. Keeps 16 bytes an item in
 * memory. Throws `BlobTooLargeError` beyond `limit` bytes.
 */
export async function writeItems(
  store: BlobStore,
  owner: string,
  items: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limit: number,
): Promise<SpreadSource> {
  const index: Uint8Array[] = [];
  const entries: Buffer[] = [];
  let count = 0;
  let end = 0;
  const content = async function* (): AsyncIterable<Uint8Array> {
    for await (const item of items) {
      end += item.byteLength;
      count += 1;
      entries.push(entryOf(end, item));
      // Very many small buffers take many times their bytes.
      if (entries.length === ENTRIES_TOGETHER) index.push(Buffer.concat(entries.splice(0)));
      yield item;
    }
  };
  const written = await store.upload(owner, inParts(content()), limit);
  index.push(Buffer.concat(entries));
  return { count, items: written, index: await store.put(owner, Buffer.concat(index)) };
}

/** Joins small contents: a store writes each part by itself. */
async function* inParts(contents: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let together: Uint8Array[] = [];
  let bytes = 0;
  for await (const content of contents) {
    together.push(content);
    bytes += content.byteLength;
    if (bytes < PART_BYTES) continue;
    yield Buffer.concat(together);
    together = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(together);
}

/** The contents of the items at these numbers. One that was altered is so. */
export async function readItems(
  store: BlobStore,
  { items, index }: SpreadSource,
  range: Range,
): Promise<readonly (Uint8Array | typeof ALTERED | undefined)[]> {
  const { from, to } = range;
  if (!items || !index) return Array.from({ length: to - from }, () => undefined);
  const first = Math.max(0, from - 1);
  const entries = await bytesOf(store, index, first * ENTRY, to * ENTRY);
  const endOf = (number: number): number => (number < 0 ? 0 : entries.readDoubleLE((number - first) * ENTRY));
  const ends = Array.from({ length: to - from + 1 }, (_, place) => endOf(from - 1 + place));
  if (!ends.every((end, place) => end >= (ends[place - 1] ?? 0) && end <= items.bytes))
    return ends.slice(1).map(() => ALTERED);
  const begin = endOf(from - 1);
  const contents = await bytesOf(store, items, begin, endOf(to - 1));
  return Array.from({ length: to - from }, (_, place) => {
    const content = contents.subarray(endOf(from + place - 1) - begin, endOf(from + place) - begin);
    const entry = entries.subarray((from + place - first) * ENTRY, (from + place - first + 1) * ENTRY);
    return entryOf(endOf(from + place), content).equals(entry) ? content : ALTERED;
  });
}

/** Writes the numbers of items as a list. */
export function writeList(store: BlobStore, owner: string, numbers: readonly number[]): Promise<BlobRef> {
  const list = Buffer.alloc(numbers.length * NUMBER);
  numbers.forEach((number, place) => list.writeDoubleLE(number, place * NUMBER));
  return store.put(owner, list);
}

/** The numbers at some positions of a list; without a list, the positions themselves. */
export async function numbersAt(
  store: BlobStore,
  list: BlobRef | undefined,
  { from, to }: Range,
): Promise<readonly number[]> {
  if (!list) return Array.from({ length: to - from }, (_, place) => from + place);
  const bytes = await bytesOf(store, list, from * NUMBER, to * NUMBER);
  return Array.from({ length: to - from }, (_, place) => bytes.readDoubleLE(place * NUMBER));
}

function entryOf(end: number, content: Uint8Array): Buffer {
  const entry = Buffer.alloc(ENTRY);
  entry.writeDoubleLE(end);
  createHash('sha256')
    .update(content)
    .digest()
    .copy(entry, OFFSET, 0, ENTRY - OFFSET);
  return entry;
}

async function bytesOf(store: BlobStore, ref: BlobRef, from: number, to: number): Promise<Buffer> {
  if (to <= from) return Buffer.alloc(0);
  const parts: Uint8Array[] = [];
  for await (const part of store.read(ref, { from, to })) parts.push(part);
  return Buffer.concat(parts);
}
