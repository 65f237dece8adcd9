import { z } from 'zod';
import { count, emailAddress } from '../fields.js';
import { flowContract } from '../flow/flow.contract.js';
import { collectionOf } from '../services.js';

/** A mail with the items of which there is too little. A schedule starts it every morning. */
export const lowStockDigestContract = flowContract({
  name: 'lowStockDigest',
  path: collectionOf('lowStockDigest'),
  summary: 'Mail which items are at or below their reorder point',
  access: {
    start: ['role:warehouse', 'role:operator'],
    cancel: ['role:warehouse', 'role:operator'],
    read: ['role:warehouse', 'role:support'],
    feed: ['role:support'],
  },
  input: z.strictObject({ to: emailAddress }),
  messages: {},
  result: z.strictObject({
    status: z.enum(['sent', 'nothing-low']),
    items: count.meta({ description: 'How many items the mail lists' }),
  }),
});
