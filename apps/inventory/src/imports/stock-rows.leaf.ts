import { type Leaf, leaf } from '#libs/flow/leaves/leaf.js';
import { StockRows } from '../flows/stock-import.flow.js';
import { applyRows } from './apply-rows.js';
import { decodedRow } from './prepare-import.js';

/** What a message to an item may hold. */
const ROWS_AT_A_TIME = 100;

/** Sends the commands of rows. */
export const stockRowsLeaf: Leaf<{ readonly hash: string }> = leaf(
  StockRows,
  (items, { stream, data: { hash }, trace, door }) => {
    const rows = items.map(({ content = new Uint8Array() }) => decodedRow(content));
    return applyRows(door, rows, { stream, hash, trace });
  },
  { batch: ROWS_AT_A_TIME },
);
