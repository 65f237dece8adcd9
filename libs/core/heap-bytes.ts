import type { Json } from './json.js';

const OBJECT_BYTES = 56;
const ARRAY_BYTES = 32;
const STRING_BYTES = 16;
const SLOT_BYTES = 8;
/** A number other than a small integer; those are stored in the slot itself. */
const NUMBER_BYTES = 16;
/**
 * An object with more keys than this is usually a map by id, which V8 stores as a hash table with
 * its own keys.
 */
const SHAPED_KEYS = 20;
const TABLE_ENTRY_BYTES = 50;

/**
 * Estimates how many bytes of V8's heap a JSON value takes: a little more than it really does,
 * never far less. Caches use it, because the length of the JSON may be a fraction of that. Takes
 * about 2 ms per megabyte.
 */
export function heapBytes(value: Json): number {
  let bytes = 0;
  const left: Json[] = [value];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next === 'string') bytes += stringBytes(next);
    else if (typeof next === 'number') bytes += (next | 0) === next ? 0 : NUMBER_BYTES;
    else if (Array.isArray(next)) {
      bytes += ARRAY_BYTES + SLOT_BYTES * next.length;
      for (const item of next as readonly Json[]) left.push(item);
    } else if (typeof next === 'object' && next !== null) {
      bytes += objectBytes(next as Readonly<Record<string, Json>>, left);
    }
  }
  return bytes;
}

function objectBytes(object: Readonly<Record<string, Json>>, left: Json[]): number {
  const keys = Object.keys(object);
  const isTable = keys.length > SHAPED_KEYS;
  let bytes = OBJECT_BYTES + (isTable ? TABLE_ENTRY_BYTES : SLOT_BYTES) * keys.length;
  for (const key of keys) {
    if (isTable) bytes += stringBytes(key);
    const value = object[key];
    // States built in code may contain undefined, which JSON omits.
    if (value !== undefined) left.push(value);
  }
  return bytes;
}

function stringBytes(text: string): number {
  const width = /[\u0100-\uffff]/.test(text) ? 2 : 1;
  return STRING_BYTES + width * text.length;
}
