import { type ItemOutcome, leaf, type LeafItem } from '#libs/flow/leaves/leaf.js';
import { CountShelf } from './flows/stocktake.flow.js';

const LOCKED = 97;

/**
 * Counts the books on shelves, twenty at a time. Every 97th is locked: no retry helps, so it is
 * rejected.
 */
export const countShelf = leaf(CountShelf, async (shelves) => shelves.map(counted), { batch: 20 });

function counted({ index }: LeafItem): ItemOutcome<{ readonly books: number }> {
  if (index % LOCKED === LOCKED - 1) {
    return { outcome: 'rejected', code: 'SHELF.LOCKED', detail: `shelf ${index} is locked` };
  }
  return { outcome: 'done', value: { books: index % 7 } };
}
