import { z } from 'zod';
import { count } from '../fields.js';
import { flowContract } from '../flow/flow.contract.js';
import { spreadMessages, spreadProgress } from '../flow/spread.fields.js';
import { notPersonal } from '../personal-data.js';
import { collectionOf } from '../services.js';

/** Who may import stock: those who may receive and correct it. */
export const STOCK_IMPORTERS = ['role:warehouse'] as const;
/** Who may see imports. */
export const STOCK_IMPORT_READERS = ['role:warehouse', 'role:support'] as const;

/** How a file is written. */
const importFormat = z.enum(['csv', 'ndjson']);

const sha256 = notPersonal(z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')).meta({
  examples: ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
});

const blob = z.strictObject({ owner: notPersonal(z.string()), hash: sha256, bytes: count });

/** Rows of a file by what became of them. Each row is one of these. */
const rowCounts = z.strictObject({
  rows: count.meta({ description: 'Lines that are neither blank nor the header' }),
  applied: count.meta({ description: 'Rows whose command was accepted' }),
  rejected: count.meta({
    description: 'Lines that are no rows, and rows that the rules of the item rejected',
  }),
  failed: count.meta({ description: 'Rows with an unknown outcome, which may be retried' }),
  left: count.meta({ description: 'Rows that were not sent yet, or never will be' }),
});

const outcome = rowCounts.extend({
  rejects: blob.optional().meta({ description: 'The lines that are no rows' }),
  results: blob.optional().meta({ description: 'The outcomes of the rows' }),
});

/** Many changes of stock at once, from a file that was uploaded to `/v1/stock-imports`. */
export const stockImportContract = flowContract({
  name: 'stockImport',
  path: collectionOf('stockImport'),
  summary: 'Import stock from a file',
  access: {
    start: STOCK_IMPORTERS,
    cancel: STOCK_IMPORTERS,
    read: STOCK_IMPORT_READERS,
    feed: ['role:support'],
  },
  // The file is one that this flow owns. It cannot be given that of another.
  input: z.strictObject({ format: importFormat, hash: sha256, bytes: count }),
  messages: spreadMessages(STOCK_IMPORTERS),
  progress: outcome.extend({
    phase: z.enum(['checking', ...spreadProgress.shape.phase.options]),
  }),
  result: outcome,
});
