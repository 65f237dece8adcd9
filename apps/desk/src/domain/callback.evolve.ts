import type { CallbackEvent } from '#contracts/callback/callback.contract.js';
import type { CallbackState, HeldMessage, Waiter } from './callback.state.js';

export function evolveCallback(state: CallbackState, event: CallbackEvent): CallbackState {
  const { waiters, messages } = state;
  switch (event.type) {
    case 'CallbackReceived':
      return { ...state, received: event.data.n, messages: [...messages, event.data] };
    case 'CallbackAwaited':
      return { ...state, waiters: [...waiters, event.data] };
    case 'CallbackWaitStopped':
      return { ...state, waiters: without(waiters, event.data.by) };
    case 'CallbackAssigned':
      return assigned(state, event.data.n, event.data.to);
    case 'CallbackRefused': {
      const { n, by, code, isWaiting } = event.data;
      return {
        ...state,
        waiters: isWaiting ? waiters : without(waiters, by),
        messages: messages.map((message) => (message.n === n ? refused(message, code) : message)),
      };
    }
    case 'CallbackClaimed':
    case 'CallbackDiscarded':
      return { ...state, messages: messages.filter(({ n }) => n !== event.data.n) };
    default:
      // An event without effect on the state, or one of a later version of this program.
      return state;
  }
}

function without(waiters: readonly Waiter[], by: string): readonly Waiter[] {
  return waiters.filter((waiter) => waiter.by !== by);
}

/** Who takes one message only has got it, and leaves the line. */
function assigned(state: CallbackState, n: number, by: string): CallbackState {
  const { waiters, messages } = state;
  const waiter = waiters.find((one) => one.by === by);
  return {
    ...state,
    waiters: waiter?.takes === 'one' ? without(waiters, by) : waiters,
    messages: messages.map((message) => {
      const to = waiter ?? message.refused?.by;
      return message.n === n && to ? { ...message, to } : message;
    }),
  };
}

function refused({ to, ...message }: HeldMessage, code: string): HeldMessage {
  return to ? { ...message, refused: { by: to, code } } : message;
}
