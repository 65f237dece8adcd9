import type { Json } from './json.js';

const encoder = new TextEncoder();

/** The size of a value as JSON in UTF-8, which is what Temporal and the event store count. */
export function jsonBytes(value: object | Json): number {
  return encoder.encode(JSON.stringify(value)).length;
}
