import type { Json } from '#libs/core/json.js';
import type { Pace } from './pace.js';

/** This many values are compared in well under a millisecond. */
const PIECE_VALUES = 500;

/**
 * Whether two values have the same canonical JSON. Large values are compared piecewise, since their
 * text would be made in one piece.
 */
export async function isSameJson(one: Json, other: Json, pace: Pace): Promise<boolean> {
  const left: [Json | undefined, Json | undefined][] = [[one, other]];
  let compared = 0;
  for (let pair = left.pop(); pair; pair = left.pop()) {
    const [a, b] = pair;
    compared += 1;
    if (compared % PIECE_VALUES === 0) await pace.breathe();
    if (a === b) continue;
    if (!isBranch(a) || !isBranch(b)) {
      if (JSON.stringify(a) !== JSON.stringify(b)) return false;
      continue;
    }
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    // Compare lengths too: some items may be undefined.
    if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false;
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) left.push([a[name], b[name]]);
  }
  return true;
}

function isBranch(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null;
}
