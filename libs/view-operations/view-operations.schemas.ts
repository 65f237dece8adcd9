import { z } from 'zod';

const count = z.int().min(0);

/** A view in the list of operators. */
export const viewItem = z.strictObject({
  view: z.string().meta({ example: 'account.accounts.v1' }),
  category: z.string(),
  version: count,
  state: z.enum(['current', 'behind', 'stalled']),
  lag: count,
  parkedEntities: count,
});
