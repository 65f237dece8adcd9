import { z } from 'zod';
import { amount, currency, entityId, text } from '../fields.js';
import { sagaContract } from '../saga/saga.contract.js';
import { collectionOf } from '../services.js';

/**
 * Money from one account to another: held in the first, deposited in the second, then captured. It
 * belongs to the caller that starts it. A customer moves money only out of an account of its own.
 */
export const transferContract = sagaContract({
  name: 'transfer',
  plural: collectionOf('transfer'),
  summary: 'Move money from one account to another',
  access: {
    start: ['owner', 'role:teller'],
    cancel: ['owner', 'role:teller'],
    read: ['owner', 'role:teller', 'role:supervisor', 'role:support'],
    feed: ['role:support'],
  },
  input: z.strictObject({
    from: entityId,
    to: entityId,
    amount,
    currency,
    reference: text(140).optional(),
  }),
  rejections: {
    'TRANSFER.SAME_ACCOUNT': { status: 422, title: 'A transfer needs two different accounts' },
  },
});

/** The input of a transfer. */
export interface TransferInput {
  readonly [field: string]: string | number;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly currency: string;
}
