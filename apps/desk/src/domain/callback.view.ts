import type { CallbackState, HeldMessage } from './callback.state.js';

/** The live state as clients see it (`callbackContract.view`). */
export function presentCallback({ received, waiters, messages }: CallbackState) {
  return {
    received,
    waiters: waiters.map(({ by, takes, since }) => ({ by, takes, since })),
    messages: messages.map(presentMessage),
  };
}

function presentMessage({ to, refused, ...message }: HeldMessage) {
  return {
    ...message,
    status: to ? 'delivering' : 'unclaimed',
    ...(to && { to: to.by }),
    ...(refused && { refusedBy: refused.by.by, refusal: refused.code }),
  };
}
