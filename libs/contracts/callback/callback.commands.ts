import { z } from 'zod';
import type { CommandContract } from '../entity-contract.js';
import { code, detail, localId, text } from '../fields.js';
import { answer, messageNumber, payload, provider, takes, webhookId } from './callback.fields.js';

const ofDelivery = {
  key: localId,
  attempts: z.int().min(0),
  echo: localId.meta({ description: 'The number of the message' }),
};
const byOperators = { visibility: 'public', allow: ['role:operator', 'role:supervisor'] } as const;
const decision = z.strictObject({
  n: messageNumber.meta({ description: 'Which message' }),
  reason: text(500).meta({ examples: ['The order was entered by hand'] }),
});

/** Commands of a callback. */
export const callbackCommands = {
  Receive: {
    schema: z.strictObject({ provider, webhookId, payload }),
    summary: 'Store a webhook whose signature was verified',
    visibility: 'internal',
  },
  Wait: {
    schema: z.strictObject({
      takes: takes.meta({ description: 'One message, or all until the wait is stopped' }),
      answer: answer.meta({ description: 'The command with which the sender gets a message' }),
    }),
    summary: 'Wait for messages, those included that came before',
    visibility: 'internal',
  },
  StopWaiting: {
    schema: z.strictObject({}),
    summary: 'Wait no longer',
    visibility: 'internal',
  },
  RecordDelivery: {
    schema: z.discriminatedUnion('status', [
      z.strictObject({ ...ofDelivery, status: z.literal('done'), result: z.strictObject({}) }),
      z.strictObject({ ...ofDelivery, status: z.literal('refused'), code, detail }),
    ]),
    summary: 'Record whether the waiter took a message',
    visibility: 'internal',
  },
  Redeliver: {
    ...byOperators,
    schema: decision,
    summary: 'Deliver an unclaimed message to the earliest waiter, or else to the one that refused it last',
  },
  Discard: {
    ...byOperators,
    schema: decision,
    summary: 'Give up on an unclaimed message',
  },
} as const satisfies Record<string, CommandContract>;
