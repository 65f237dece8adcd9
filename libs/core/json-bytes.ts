import type { Json } from './json.js';

const encoder = new TextEncoder();

/** How many bytes a value takes as JSON in UTF-8: what Temporal and the event store count. */
export function jsonBytes(value: object | Json): number {
  return encoder.encode(JSON.stringify(value)).length;
}
