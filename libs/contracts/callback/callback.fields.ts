import { z } from 'zod';
import type { JsonObject } from '#libs/core/json.js';
import { entityId, label, ownerStream, recordedAt } from '../fields.js';
import { notPersonal, personal } from '../personal-data.js';

/** The name of a provider, under which its webhooks are configured. */
export const provider = notPersonal(
  z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be a–z, 0–9 and -, and begin with a letter'),
).meta({ examples: ['card'] });

/** The id that a provider gives to a webhook, and to every attempt to deliver it. */
export const webhookId = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[!-~]+$/, 'must be visible ASCII characters')
  .meta({ examples: ['msg_2KWPBgLlAfxdpx2AI54pPJ85f4W'] });

/** The number of a message among those of its callback, from 1. */
export const messageNumber = z
  .int()
  .min(1)
  .meta({ examples: [1] });

/** A plain JSON object, which may hold anything. */
const json = personal(z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject, JsonObject>);

/** What a provider sent: plain JSON. */
export const payload = json.meta({ examples: [{ id: 'pay_1', state: 'succeeded' }] });

/** The command by which a waiter gets a message. */
export const answer = z.strictObject({ type: label(100), data: json });

/** Whether a waiter takes the next message only, or all until it stops waiting. */
export const takes = z.enum(['one', 'all']);

/** What a callback adds to that command, as its field `callback`. */
export const callbackMessage = z.strictObject({
  id: entityId.meta({ description: 'The id of the callback' }),
  n: messageNumber,
  webhookId,
  payload,
  receivedAt: recordedAt,
});

/** A message as a callback stores it. */
export const storedMessage = z.strictObject({
  n: messageNumber,
  provider,
  webhookId,
  payload,
  receivedAt: recordedAt,
});

/** Somebody who waits for messages. */
export const waiter = z.strictObject({
  by: ownerStream.meta({ description: 'The entity or flow that waits' }),
  takes,
  since: recordedAt,
});
