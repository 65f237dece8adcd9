import { z } from 'zod';
import { type CommandsOf, defineContract, type EventsOf } from '../entity-contract.js';
import { code, ownerStream } from '../fields.js';
import { collectionOf } from '../services.js';
import { callbackCommands } from './callback.commands.js';
import { callbackEvents } from './callback.events.js';
import { storedMessage, waiter } from './callback.fields.js';
import { callbackRejections } from './callback.rejections.js';

/** The public contract of a callback: messages of a provider about one thing, and their waiters. */
export const callbackContract = defineContract({
  name: 'callback',
  plural: collectionOf('callback'),
  summary: 'Webhooks of a provider under one key, and those who wait for them',
  access: {
    read: ['role:support', 'role:supervisor'],
    feed: ['role:support'],
  },
  commands: callbackCommands,
  events: callbackEvents,
  view: z.strictObject({
    received: z.int().min(0).meta({ description: 'How many messages came' }),
    waiters: z.array(waiter).meta({ description: 'Who waits, the earliest first' }),
    messages: z
      .array(
        storedMessage.extend({
          status: z.enum(['unclaimed', 'delivering']),
          to: ownerStream.optional().meta({ description: 'To whom it is being delivered' }),
          refusedBy: ownerStream.optional().meta({ description: 'The waiter that refused it last' }),
          refusal: code.optional().meta({ description: 'The code with which it was refused' }),
        }),
      )
      .meta({ description: 'Messages that were neither claimed nor discarded, the earliest first' }),
  }),
  rejections: callbackRejections,
});

/** A command as the rules of a callback see it. */
export type CallbackCommand = CommandsOf<typeof callbackContract>;

/** An event of a callback's stream. */
export type CallbackEvent = EventsOf<typeof callbackContract>;
