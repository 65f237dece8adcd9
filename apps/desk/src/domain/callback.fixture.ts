import type { CallbackEvent } from '#contracts/callback/callback.contract.js';

type Awaited = Extract<CallbackEvent, { type: 'CallbackAwaited' }>['data'];

/** The start of every scenario. */
const at = '2100-01-01T00:00:00.000Z';

export const flow = 'order-default.o-7';
export const other = 'order-default.o-8';
export const answer = { type: 'Shipped', data: { order: 'o-7' } };
export const payload = { id: 'pay_1', state: 'succeeded' };

export function received(n: number, more: object = {}): CallbackEvent {
  const message = { n, provider: 'card', webhookId: `w-${n}`, payload, receivedAt: at };
  return { type: 'CallbackReceived', data: { ...message, ...more } };
}

export function awaited(by: string = flow, more: Partial<Awaited> = {}): CallbackEvent {
  return { type: 'CallbackAwaited', data: { by, takes: 'one', answer, since: at, ...more } };
}

export const stopped = (by: string = flow): CallbackEvent => ({ type: 'CallbackWaitStopped', data: { by } });

export function assigned(n: number, to: string = flow): CallbackEvent {
  return { type: 'CallbackAssigned', data: { n, to } };
}

export function claimed(n: number, by: string = flow): CallbackEvent {
  return { type: 'CallbackClaimed', data: { n, by } };
}

export function refused(n: number, code = 'FLOW.ENDED', by: string = flow): CallbackEvent {
  return { type: 'CallbackRefused', data: { n, by, code, isWaiting: false } };
}

/** The waiter may take later messages. */
export function refusedForNow(n: number, code = 'FLOW.LOST', by: string = flow): CallbackEvent {
  return { type: 'CallbackRefused', data: { n, by, code, isWaiting: true } };
}

export const reason = 'as agreed';

export function redelivered(n: number): CallbackEvent {
  return { type: 'CallbackRedelivered', data: { n, reason } };
}

export function discarded(n: number): CallbackEvent {
  return { type: 'CallbackDiscarded', data: { n, reason } };
}
