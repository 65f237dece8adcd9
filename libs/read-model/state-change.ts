import type { Json, JsonObject } from '#libs/core/json.js';

/**
 * The difference between two JSON values. `keys` has the fields of an object that differ, with
 * `null` for a removed one; `edits` walks over an array from its start, and whatever is left after
 * the last edit stays.
 */
export type Change =
  | { readonly set: Json }
  | { readonly keys: { readonly [key: string]: Change | null } }
  | { readonly edits: readonly Edit[] };

/** Keeps this many elements, drops this many (a negative number), inserts some, or changes one. */
export type Edit = number | { readonly insert: readonly Json[] } | { readonly change: Change };

/** How far the elements of an array may shift for its change to stay small. */
const MAX_SHIFT = 1_000;
/**
 * Comparisons per array in search of a shift: an array in which every element changed must not take
 * quadratic time.
 */
const MAX_COMPARISONS = 50_000;
/** Per call: far fewer than the stack allows. */
const MAX_ARGUMENTS = 10_000;

/**
 * The change from `before` to `after`, or undefined if they are equal. Shared parts cost nothing.
 */
export function changeBetween(before: Json, after: Json): Change | undefined {
  if (before === after) return undefined;
  if (isArray(before) && isArray(after)) {
    const edits = new ArrayComparison(before, after).edits();
    return edits.length > 0 ? { edits } : undefined;
  }
  if (isObject(before) && isObject(after)) {
    const keys = keysBetween(before, after);
    return keys.length > 0 ? { keys: Object.fromEntries(keys) } : undefined;
  }
  return { set: after };
}

/**
 * Applies a change, in place where possible: `state` must belong to the caller. Never throws,
 * whatever the state is.
 */
export function applyChange(state: Json, change: Change): Json {
  if ('set' in change) return change.set;
  if ('edits' in change) return applyEdits(isArray(state) ? (state as Json[]) : [], change.edits);
  const target = isObject(state) ? state : {};
  for (const [key, inner] of Object.entries(change.keys)) {
    if (inner === null) {
      Reflect.deleteProperty(target, key);
      continue;
    }
    const value = applyChange(fieldOf(target, key) ?? null, inner);
    // An assignment to `__proto__` would set the prototype.
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return target;
}

function applyEdits(list: Json[], edits: readonly Edit[]): Json {
  let at = 0;
  for (const edit of edits) {
    if (typeof edit === 'number') {
      if (edit > 0) at += edit;
      else list.splice(at, -edit);
    } else if ('insert' in edit) {
      for (let from = 0; from < edit.insert.length; from += MAX_ARGUMENTS) {
        const some = edit.insert.slice(from, from + MAX_ARGUMENTS);
        list.splice(at, 0, ...some);
        at += some.length;
      }
    } else {
      list[at] = applyChange(list[at] ?? null, edit.change);
      at += 1;
    }
  }
  return list;
}

function keysBetween(before: JsonObject, after: JsonObject): readonly (readonly [string, Change | null])[] {
  const changed: (readonly [string, Change | null])[] = [];
  for (const key of Object.keys(before)) {
    if (fieldOf(before, key) !== undefined && fieldOf(after, key) === undefined) changed.push([key, null]);
  }
  for (const key of Object.keys(after)) {
    const [was, is] = [fieldOf(before, key), fieldOf(after, key)];
    if (is === undefined) continue;
    const change = was === undefined ? { set: is } : changeBetween(was, is);
    if (change) changed.push([key, change]);
  }
  return changed;
}

/**
 * Walks over two arrays in parallel: keeps equal elements, up to the next position where they agree
 * again.
 */
class ArrayComparison {
  private readonly found: Edit[] = [];
  private comparisonsLeft = MAX_COMPARISONS;

  constructor(
    private readonly before: readonly Json[],
    private readonly after: readonly Json[],
  ) {}

  edits(): readonly Edit[] {
    const { before, after, found } = this;
    let [at, to] = [0, 0];
    while (at < before.length && to < after.length) {
      if (isSame(before[at], after[to])) {
        this.count(1);
        at += 1;
        to += 1;
        continue;
      }
      const { dropped, inserted } = this.nextAgreement(at, to);
      if (dropped > 0) this.count(-dropped);
      else if (inserted > 0) found.push({ insert: after.slice(to, to + inserted) });
      else this.change(before[at++] as Json, after[to++] as Json);
      at += dropped;
      to += inserted;
    }
    if (at < before.length) this.count(at - before.length);
    if (to < after.length) found.push({ insert: after.slice(to) });
    const last = found.at(-1);
    if (typeof last === 'number' && last > 0) found.pop();
    return found;
  }

  /**
   * How many elements to drop or to insert, whichever is fewer, until both arrays agree, or neither
   * if that is not found.
   */
  private nextAgreement(at: number, to: number): { readonly dropped: number; readonly inserted: number } {
    const { before, after } = this;
    const most = Math.min(MAX_SHIFT, Math.max(before.length - at, after.length - to) - 1);
    for (let shift = 1; shift <= most && this.comparisonsLeft > 0; shift += 1) {
      this.comparisonsLeft -= 2;
      if (at + shift < before.length && isSame(before[at + shift], after[to]))
        return { dropped: shift, inserted: 0 };
      if (to + shift < after.length && isSame(before[at], after[to + shift]))
        return { dropped: 0, inserted: shift };
    }
    return { dropped: 0, inserted: 0 };
  }

  private change(was: Json, is: Json): void {
    const change = changeBetween(was, is);
    if (change) this.found.push({ change });
    else this.count(1);
  }

  /** Joins consecutive kept, or dropped, elements. */
  private count(elements: number): void {
    const last = this.found.at(-1);
    const isJoined = typeof last === 'number' && last > 0 === elements > 0;
    if (isJoined) this.found[this.found.length - 1] = last + elements;
    else this.found.push(elements);
  }
}

/** Whether both have the same JSON, whatever the order of their fields. */
function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  if (isArray(one) && isArray(other)) {
    return one.length === other.length && one.every((element, index) => isSame(element, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  return (
    Object.keys(one).every((key) => isSame(fieldOf(one, key), fieldOf(other, key))) &&
    Object.keys(other).every((key) => fieldOf(other, key) === undefined || fieldOf(one, key) !== undefined)
  );
}

/** JSON omits undefined values. */
function fieldOf(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
