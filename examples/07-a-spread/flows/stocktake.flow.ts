import { type Flow, flowKind } from '#libs/core/flow/flow.js';
import { leafKind } from '#libs/core/flow/spread/spread.js';
import type { FlowTypesOf } from '#contracts/flow/flow.contract.js';
import type { stocktakeContract } from '../stocktake.contract.js';

type StocktakeTypes = FlowTypesOf<typeof stocktakeContract>;

export const Stocktake = flowKind<StocktakeTypes>('stocktake');

/** The books on one shelf, or on several. */
type Counted = { readonly books: number };

export const CountShelf = leafKind<object, Counted>('count-shelf', {
  merge: (a, b) => ({ books: a.books + b.books }),
});

/** Counts the books on all shelves, each shelf once. */
export async function stocktake(
  { shelves, perSecond }: StocktakeTypes['input'],
  f: Flow<StocktakeTypes>,
): Promise<StocktakeTypes['result']> {
  return f.spread(
    { count: shelves },
    {
      leaf: CountShelf,
      itemsPerLeaf: 100,
      tolerance: 0.1,
      retryFor: '1d',
      ...(perSecond !== undefined && { perSecond }),
    },
  );
}
