import { z } from 'zod';
import { duration, entityId, recordedAt, text } from '#contracts/fields.js';
import { flowContract } from '#contracts/flow/flow.contract.js';

/** A book that is reserved for a reader, picked up, and due some weeks later. */
export const loanContract = flowContract({
  name: 'loan',
  path: 'loans',
  summary: 'Reserve a book for a reader, and remind the reader when it is due',
  access: { start: ['anyone'], cancel: ['anyone'], read: ['anyone'], feed: ['anyone'] },
  input: z.strictObject({
    book: entityId,
    reader: text(100),
    reservedFor: duration.default('3d').meta({ description: 'How long the reader may take to come' }),
    lentFor: duration.default('21d').meta({ description: 'How long the reader may keep the book' }),
  }),
  messages: {
    PickedUp: { schema: z.strictObject({}), summary: 'The reader has picked up the book', allow: ['anyone'] },
  },
  result: z.strictObject({ remindedAt: recordedAt }),
});
