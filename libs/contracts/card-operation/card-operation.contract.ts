import { z } from 'zod';
import { paymentMessages } from '../card-payment/card-payment.fields.js';
import { amount, currency, entityId, label, text } from '../fields.js';
import { flowContract } from '../flow/flow.contract.js';
import { notPersonal } from '../personal-data.js';
import { collectionOf } from '../services.js';

const operation = z.enum(['authorise', 'capture', 'undo']);

/**
 * A step of a payment by card whose id is chosen by who pays. All steps are one type of flow:
 * each type has topics and views of its own.
 */
export const cardOperationContract = flowContract({
  name: 'cardOperation',
  path: collectionOf('cardOperation'),
  summary: 'Hold an amount on a card, take what is held, or give it back',
  access: {
    start: ['role:payments'],
    cancel: ['role:payments'],
    read: ['role:payments', 'role:support'],
    feed: ['role:support'],
  },
  input: z
    .strictObject({
      operation: operation.meta({
        description:
          '`authorise`: hold an amount; `capture`: take it; `undo`: give it back, whether it is held, taken or on its way',
      }),
      payment: entityId.meta({ description: 'The id of the payment, which the first operation chooses' }),
      order: z
        .strictObject({
          reference: text(140),
          amount,
          currency,
          card: text(64).meta({
            description: 'A token of the provider, never a card number',
            examples: ['tok_visa'],
          }),
        })
        .optional()
        .meta({ description: 'What is held. Only `authorise` has it' }),
    })
    .refine(
      ({ operation: of, order }) => (of === 'authorise') === (order !== undefined),
      'must have an order if it is to be authorised, and only then',
    )
    .meta({
      oneOf: [
        { properties: { operation: { const: 'authorise' } }, required: ['order'] },
        { properties: { operation: { enum: ['capture', 'undo'] } }, not: { required: ['order'] } },
      ],
    }),
  messages: paymentMessages,
  progress: z.strictObject({ state: label(40) }),
  result: z.strictObject({ state: notPersonal(z.enum(['authorised', 'captured', 'undone'])) }),
});
