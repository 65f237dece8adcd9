import type { SpreadCounts } from '#libs/core/flow/spread/spread.js';
import { sizeOf } from '#libs/core/flow/spread/ranges.js';
import { added, handled, NOTHING } from '#libs/core/flow/spread/tally.js';
import type { BlobRef } from '#libs/core/blob-ref.js';
import type { CarriedSpread, ItemList, RootInput } from '#libs/flow/protocol/spread-messages.js';

/** The state of a spread that begins now. */
export function begun({ tree }: RootInput): CarriedSpread {
  const { count } = tree.source;
  return {
    startedAt: Date.now(),
    settled: NOTHING,
    counts: NOTHING,
    pass: 1,
    planned: count,
    left: count > 0 ? [{ from: 0, to: count }] : [],
    before: [],
    manifests: [],
    paused: { n: 0, is: false },
    isRetryAsked: false,
    isFinished: false,
  };
}

/** Begins a pass over what the last one has not settled. */
export function nextPass(
  state: CarriedSpread,
  { list, count }: ItemList,
  kept: readonly BlobRef[],
): CarriedSpread {
  const { done, rejected } = added(state.settled, state.counts);
  return {
    ...state,
    isRetryAsked: false,
    settled: { done, rejected, failed: 0 },
    counts: NOTHING,
    pass: state.pass + 1,
    planned: count,
    left: [{ from: 0, to: count }],
    list,
    before: [...state.before, ...kept],
    manifests: [],
  };
}

/** All counts, with what the wave under way has handled so far. */
export function countsOf(
  { settled, counts, left, planned }: CarriedSpread,
  count: number,
  underWay: SpreadCounts | undefined,
): SpreadCounts & { readonly planned: number; readonly left: number } {
  const all = added(added(settled, counts), underWay ?? NOTHING);
  const notHandled = underWay ? count - handled(all) : sizeOf(left) + (count - handled(settled) - planned);
  return { planned: count, ...all, left: notHandled };
}

/** Throws unless every item is settled, has failed, or is left: none twice, none lost. */
export function checkCounts({ settled, counts, left, planned }: CarriedSpread, count: number): void {
  const inPass = handled(counts) + sizeOf(left);
  if (inPass === planned && handled(settled) + planned === count) return;
  throw new Error(`${handled(settled)} + ${inPass} of ${count} items are accounted for`);
}
