import { z } from 'zod';
import { duration, entityId, quantity } from '../fields.js';
import { flowContract } from '../flow/flow.contract.js';
import { collectionOf } from '../services.js';

/** An order at the provider that fulfils it, which may take hours. */
export const fulfilmentContract = flowContract({
  name: 'fulfilment',
  path: collectionOf('fulfilment'),
  summary: 'Have an order fulfilled, and wait until it is',
  access: {
    start: ['role:operator'],
    cancel: ['role:operator'],
    read: ['role:support'],
    feed: ['role:support'],
  },
  input: z.strictObject({
    order: entityId.meta({ examples: ['cart-1:checkout-1'] }),
    customerId: entityId,
    lines: z.array(z.strictObject({ sku: entityId, quantity })).max(200),
    timeout: duration
      .default('30d')
      .meta({ description: 'How long the provider may take if it answers later' }),
  }),
  messages: {},
  result: z.strictObject({
    answered: z.enum(['at-once', 'later']).meta({ description: 'When the provider had taken the order' }),
  }),
});
