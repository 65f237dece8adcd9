import type { RejectionContract } from '../entity-contract.js';

/** Every code with which the rules of a callback reject. */
export const callbackRejections = {
  'CALLBACK.NO_SUCH_MESSAGE': {
    status: 404,
    title: 'There is no such message, or it was claimed or discarded',
  },
  'CALLBACK.BEING_DELIVERED': { status: 409, title: 'The message is being delivered' },
  'CALLBACK.NOBODY_WAITS': { status: 409, title: 'Nobody waits for the message, and nobody has refused it' },
  'CALLBACK.FULL': { status: 429, title: 'Too many messages under this key are unclaimed' },
  'CALLBACK.NOBODY_TO_TELL': { status: 422, title: 'Only entities and flows can wait for messages' },
  'CALLBACK.ALREADY_WAITING': { status: 409, title: 'The entity or flow already waits for these messages' },
  'CALLBACK.NOT_WAITING': { status: 409, title: 'The entity or flow does not wait for these messages' },
  'CALLBACK.WAITERS_LIMIT': { status: 429, title: 'Too many wait for messages under this key' },
} as const satisfies Record<string, RejectionContract>;

/** One of the codes above. */
export type CallbackRejectionCode = keyof typeof callbackRejections;
