import { z } from 'zod';
import { code, detail, entityId, label, recordedAt, text } from '../fields.js';
import { notPersonal, personal } from '../personal-data.js';

/** A plain JSON object: the data of a message, or the result of a flow. */
export const json = personal(z.record(z.string(), z.unknown()));

/** Stands for an input that is kept as a blob, because it is too large for an event. */
export const keptInput = z
  .strictObject({
    $blob: z.strictObject({
      owner: personal(z.string()),
      hash: notPersonal(z.string().regex(/^[0-9a-f]{64}$/)),
      bytes: z.int().min(0),
    }),
  })
  .meta({ description: 'Where an input of more than 64 KB is kept' });

/** The run of the function in Temporal. */
export const execution = notPersonal(z.string());

/** The name of a compensation. */
export const compensation = label(200);

/** The note of an operator about a compensation. */
export const noted = z.strictObject({ name: compensation, note: text(500) });

/** A step of the function, as its author and its branches name it. */
export const place = notPersonal(z.string().min(1).max(1_000)).meta({
  description: 'Where in the function',
});

/** Why something failed. */
export const failure = z.strictObject({ code, detail });

/** A compensation that failed. */
export const stuck = failure.extend({ name: compensation });

/** What the function had not read when it ended. */
export const unread = z
  .array(z.int().min(1))
  .meta({ description: 'The numbers of the messages that the flow had not read when it ended' });

/** What every command that ends a flow says of its messages. */
export const ending = z.strictObject({
  unread,
  seen: z.int().min(0).meta({ description: 'How many messages the flow had received by then' }),
});

/** What the flow waits for. */
export const waits = z.array(
  z.strictObject({
    place,
    kind: z.enum(['sleep', 'message', 'child', 'call', 'callback']),
    name: notPersonal(z.string()).meta({
      description: 'Of the timer, the message, the call or the callback, or the id of the child',
    }),
    until: recordedAt.optional().meta({ description: 'When it stops waiting at the latest' }),
  }),
);

/** The flow that started another. */
export const parent = z
  .strictObject({ category: notPersonal(z.string()), id: entityId, place })
  .meta({ description: 'The flow that started it, and is told how it ends' });

/** How a child ended. */
export const outcome = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('completed'), result: json }),
  failure.extend({ status: z.enum(['failed', 'cancelled']) }),
]);

/** What was reported to a callback address in the end. */
export const callbackOutcome = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('completed'), result: json }),
  failure.extend({ status: z.literal('failed') }),
]);
