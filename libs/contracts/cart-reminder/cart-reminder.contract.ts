import { z } from 'zod';
import { duration, emailAddress, entityId } from '../fields.js';
import { flowContract } from '../flow/flow.contract.js';
import { collectionOf } from '../services.js';

/** A mail to the customer of a cart in which nothing has happened for some time. */
export const cartReminderContract = flowContract({
  name: 'cartReminder',
  path: collectionOf('cartReminder'),
  summary: 'Remind a customer by mail of a cart that is left alone',
  access: {
    start: ['role:storefront'],
    cancel: ['owner', 'role:storefront'],
    read: ['owner', 'role:storefront', 'role:support'],
    feed: ['role:support'],
  },
  input: z.strictObject({
    cart: entityId,
    to: emailAddress,
    after: duration
      .default('24h')
      .meta({ description: 'How long nothing has to happen in the cart before the mail is sent' }),
  }),
  messages: {
    CartChanged: {
      schema: z.strictObject({}),
      summary: 'Something has happened in the cart: the time begins again',
      allow: ['owner', 'role:storefront'],
    },
  },
  result: z.strictObject({ status: z.enum(['sent', 'not-needed']) }),
});
