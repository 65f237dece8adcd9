import { z } from 'zod';
import type { EventContract } from '../entity-contract.js';
import { code, ownerStream, recordedAt, text } from '../fields.js';
import { answer, messageNumber, storedMessage, takes } from './callback.fields.js';

const waiting = { by: ownerStream.meta({ description: 'The entity or flow that waits' }) };
const decided = z.strictObject({ n: messageNumber, reason: text(500) });

/** Events of a callback. */
export const callbackEvents = {
  CallbackReceived: {
    schema: storedMessage,
    summary: 'A provider sent a message',
    version: 1,
  },
  CallbackAwaited: {
    schema: z.strictObject({ ...waiting, takes, answer, since: recordedAt }),
    summary: 'An entity or a flow waits for messages',
    version: 1,
  },
  CallbackWaitStopped: {
    schema: z.strictObject(waiting),
    summary: 'It waits no longer',
    version: 1,
  },
  CallbackAssigned: {
    schema: z.strictObject({ n: messageNumber, to: ownerStream }),
    summary: 'A message is being delivered to a waiter',
    version: 1,
  },
  CallbackClaimed: {
    schema: z.strictObject({ n: messageNumber, ...waiting }),
    summary: 'The waiter took the message',
    version: 1,
  },
  CallbackRefused: {
    schema: z.strictObject({
      n: messageNumber,
      ...waiting,
      code,
      isWaiting: z.boolean().meta({ description: 'Whether the waiter still gets later messages' }),
    }),
    summary: 'The waiter refused the message, which is unclaimed again',
    version: 1,
  },
  CallbackRedelivered: {
    schema: decided,
    summary: 'Somebody had an unclaimed message delivered',
    version: 1,
  },
  CallbackDiscarded: {
    schema: decided,
    summary: 'Somebody gave up on an unclaimed message',
    version: 1,
  },
} as const satisfies Record<string, EventContract>;
