import { z } from 'zod';
import { entityId } from '../fields.js';
import { inventoryCommands } from '../inventory/inventory.commands.js';

const { quantity, reference } = inventoryCommands.Receive.schema.shape;
const { by, reason } = inventoryCommands.Adjust.schema.shape;

/** A row of a file with stock: an item, and the command that it is sent. */
export const stockRow = z.discriminatedUnion('command', [
  z.strictObject({ sku: entityId, command: z.literal('receive'), quantity, reference }),
  z.strictObject({ sku: entityId, command: z.literal('adjust'), quantity: by, reason }),
]);

export type StockRow = z.output<typeof stockRow>;

/** What a row may have: the columns of a CSV file, in any order. */
export const STOCK_COLUMNS = ['sku', 'command', 'quantity', 'reason', 'reference'] as const;
