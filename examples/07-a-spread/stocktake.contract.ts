import { z } from 'zod';
import { count } from '#contracts/fields.js';
import { flowContract } from '#contracts/flow/flow.contract.js';
import { spreadMessages, spreadProgress, spreadResult } from '#contracts/flow/spread.fields.js';

/** The books on all shelves are counted. */
export const stocktakeContract = flowContract({
  name: 'stocktake',
  path: 'stocktakes',
  summary: 'Count the books on the shelves',
  access: { start: ['anyone'], cancel: ['anyone'], read: ['anyone'], feed: ['anyone'] },
  input: z.strictObject({
    shelves: count.max(10_000_000),
    perSecond: z.int().min(1).optional().meta({ description: 'The shelves to count in a second' }),
  }),
  messages: spreadMessages(['anyone']),
  progress: spreadProgress,
  result: spreadResult(z.strictObject({ books: count })),
});
