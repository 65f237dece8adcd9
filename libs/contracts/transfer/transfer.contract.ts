import { z } from 'zod';
import { amount, currency, entityId, text } from '../fields.js';
import { sagaContract } from '../saga/saga.contract.js';
import { collectionOf } from '../services.js';

/** Money from one account to another: held here, paid in there, then captured. */
export const transferContract = sagaContract({
  name: 'transfer',
  plural: collectionOf('transfer'),
  summary: 'Move money from one account to another',
  start: 'public',
  input: z.strictObject({
    from: entityId,
    to: entityId,
    amount,
    currency,
    reference: text(140).optional(),
  }),
  rejections: {
    'TRANSFER.SAME_ACCOUNT': { status: 422, title: 'A transfer goes to another account' },
  },
});

/** What a transfer is asked to do. */
export interface TransferInput {
  readonly [field: string]: string | number;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly currency: string;
}
