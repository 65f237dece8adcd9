import { z } from 'zod';
import { amount, currency, duration, label, text } from '../fields.js';
import { flowContract } from '../flow/flow.contract.js';
import { collectionOf } from '../services.js';
import { paymentMessages } from './card-payment.fields.js';

const charge = label(200).meta({ description: 'The id that the provider gave to the charge' });

/**
 * A payment by card: charged at once. If it has to settle, the provider reports that, or else it is
 * looked at again.
 */
export const cardPaymentContract = flowContract({
  name: 'cardPayment',
  path: collectionOf('cardPayment'),
  summary: 'Charge a card, and give the money back if the charge does not settle',
  access: {
    start: ['role:storefront', 'role:payments'],
    cancel: ['owner', 'role:storefront', 'role:payments'],
    read: ['owner', 'role:storefront', 'role:payments', 'role:support'],
    feed: ['role:support'],
  },
  input: z.strictObject({
    reference: text(140),
    amount,
    currency,
    card: text(64).meta({
      description: 'A token of the provider, never a card number',
      examples: ['tok_visa'],
    }),
    settleAfter: duration.default('24h').meta({
      description: 'How long after the charge its state is looked at, unless the provider reports it',
    }),
  }),
  messages: paymentMessages,
  progress: z.strictObject({ charge, state: label(40) }),
  result: z.strictObject({ charge, state: z.enum(['succeeded', 'failed', 'refunded']) }),
});
