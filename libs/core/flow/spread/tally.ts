import type { Json } from '../../json.js';
import type { Range } from './ranges.js';
import type { LeafKind, SpreadCounts } from './spread.js';

export const NOTHING: SpreadCounts = { done: 0, rejected: 0, failed: 0 };

/** How many items some counts are about. */
export function handled({ done, rejected, failed }: SpreadCounts): number {
  return done + rejected + failed;
}

export function added(a: SpreadCounts, b: SpreadCounts): SpreadCounts {
  return { done: a.done + b.done, rejected: a.rejected + b.rejected, failed: a.failed + b.failed };
}

/** What a part of a spread has come to. */
export type Part = SpreadCounts & {
  readonly from: number;
  readonly value?: Json;
};

/** Merges the values of parts in the order of their items. */
export function valueOf(parts: readonly Part[], merge: LeafKind['merge']): { readonly value?: Json } {
  if (!merge) return {};
  const values = parts
    .toSorted((a, b) => a.from - b.from)
    .flatMap(({ value }) => (value === undefined ? [] : [value]));
  return values.length === 0 ? {} : { value: values.reduce((a, b) => merge(a, b)) };
}

/** Whether these are counts, and of that many items. */
export function areCountsOf(value: unknown, items: number): value is SpreadCounts {
  const { done, rejected, failed } = (value ?? {}) as Partial<SpreadCounts>;
  const all = [done, rejected, failed];
  return (
    all.every((count) => Number.isSafeInteger(count) && Number(count) >= 0) &&
    handled(value as SpreadCounts) === items
  );
}

/** Whether these are ranges within another, in order and apart from each other. */
export function areRangesIn(value: unknown, { from, to }: Range): value is readonly Range[] {
  if (!Array.isArray(value)) return false;
  let at = from;
  for (const range of value as readonly Partial<Range>[]) {
    const { from: begin = -1, to: end = -1 } = range;
    if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end)) return false;
    if (begin < at || end <= begin || end > to) return false;
    at = end;
  }
  return true;
}
