import type { Json } from './json.js';
import { pointerPart } from './json-pointer.js';

/**
 * A difference between two JSON values: what was added has no `from`, what was removed no `to`.
 */
export interface JsonChange {
  /** A JSON pointer. */
  readonly path: string;
  readonly from?: Json;
  readonly to?: Json;
}

/** A value somewhere in a larger one. */
export interface PlacedValue {
  /** A JSON pointer. */
  readonly path: string;
  readonly value: Json;
}

type Branch = Readonly<Record<string, Json | undefined>>;

/**
 * What differs, as far down as possible: a field that is added with all that it holds is one
 * change. Items of lists are compared by their index. Parts that both values share cost nothing.
 */
export function changesBetween(before: Json, after: Json): readonly JsonChange[] {
  const changes: JsonChange[] = [];
  compare(before, after, '', changes);
  return changes;
}

function compare(
  before: Json | undefined,
  after: Json | undefined,
  path: string,
  changes: JsonChange[],
): void {
  if (Object.is(before, after)) return;
  if (!isBranch(before) || !isBranch(after) || Array.isArray(before) !== Array.isArray(after)) {
    changes.push({
      path,
      ...(before !== undefined && { from: before }),
      ...(after !== undefined && { to: after }),
    });
    return;
  }
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compare(own(before, name), own(after, name), path + pointerPart(name), changes);
  }
}

/** The scalars in a value, and its empty objects and lists, in their order. */
export function leavesOf(value: Json, path = ''): readonly PlacedValue[] {
  return placesIn(value, path).filter((place) => isLeaf(place.value));
}

/** The value itself and everything in it, branches before what they hold. */
export function placesIn(value: Json, path = ''): readonly PlacedValue[] {
  const places: PlacedValue[] = [];
  const add = (one: Json | undefined, at: string): void => {
    if (one === undefined) return;
    places.push({ path: at, value: one });
    if (!isBranch(one)) return;
    for (const name of Object.keys(one)) add(one[name], at + pointerPart(name));
  };
  add(value, path);
  return places;
}

function isLeaf(value: Json): boolean {
  return !isBranch(value) || Object.keys(value).length === 0;
}

function isBranch(value: Json | undefined): value is Json & Branch {
  return typeof value === 'object' && value !== null;
}

function own(branch: Branch, name: string): Json | undefined {
  return Object.hasOwn(branch, name) ? branch[name] : undefined;
}
