import type { AnyDecider } from '#libs/core/decider.js';
import type { RelayedEntity } from '#libs/relay/relayed-entity.js';

interface Tally {
  readonly count: number;
  readonly sum: number;
}

interface Added {
  readonly type: string;
  readonly data: { readonly amount?: number };
}

/** An entity that sums what was added to it, and fails on an event `Poison`. */
export function tallyOf(category: string, stateVersion = 1): RelayedEntity {
  const decider: AnyDecider = {
    name: category,
    stateVersion,
    initialState: { count: 0, sum: 0 },
    decide: () => [],
    evolve: ({ count, sum }: Tally, { type, data }: Added): Tally => {
      if (type === 'Poison') throw new TypeError('no rule for poison');
      return { count: count + 1, sum: sum + (data.amount ?? 0) };
    },
  };
  return { decider, present: ({ count, sum }: Tally) => ({ count, sum }) };
}
