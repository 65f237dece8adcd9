import type { CallbackCommand, CallbackEvent } from '#contracts/callback/callback.contract.js';
import type { CallbackRejectionCode } from '#contracts/callback/callback.rejections.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { type Rejection, reject } from '#libs/core/rejection.js';
import {
  type CallbackState,
  type HeldMessage,
  isUnclaimed,
  MAX_MESSAGE_BYTES,
  MAX_MESSAGES,
  MAX_WAITERS,
} from './callback.state.js';

type Decision = readonly CallbackEvent[] | Rejection;
type CommandNamed<Type> = Extract<CallbackCommand, { type: Type }>;

/** Refusals of a flow that may take later messages, and this one, too, if it is redelivered. */
const TEMPORARY: readonly string[] = ['FLOW.LOST', 'FLOW.INBOX_FULL'];

export function decideCallback(command: CallbackCommand, state: CallbackState): Decision {
  switch (command.type) {
    case 'Receive':
      return receive(command, state);
    case 'Wait':
      return wait(command, state);
    case 'StopWaiting':
      return stopWaiting(command, state);
    case 'RecordDelivery':
      return recordDelivery(command, state);
    case 'Redeliver':
      return redeliver(command, state);
    case 'Discard':
      return discard(command, state);
    default:
      return unknown(command);
  }
}

function receive({ data, at }: CommandNamed<'Receive'>, state: CallbackState): Decision {
  const { received, waiters, messages } = state;
  const bytes = jsonBytes(messages.map(({ payload }) => payload)) + jsonBytes(data.payload);
  if (messages.length >= MAX_MESSAGES || bytes > MAX_MESSAGE_BYTES) {
    return no('CALLBACK.FULL', `${messages.length} messages are unclaimed`);
  }
  const n = received + 1;
  const [earliest] = waiters;
  return [
    { type: 'CallbackReceived', data: { n, ...data, receivedAt: at } },
    ...(earliest ? [assigned(n, earliest.by)] : []),
  ];
}

function wait({ data, at, sender }: CommandNamed<'Wait'>, { waiters, messages }: CallbackState): Decision {
  if (sender === undefined) return no('CALLBACK.NOBODY_TO_TELL', 'the sender is no entity');
  if (waiters.some(({ by }) => by === sender)) return no('CALLBACK.ALREADY_WAITING', `${sender} waits`);
  if (waiters.length >= MAX_WAITERS) return no('CALLBACK.WAITERS_LIMIT', `${MAX_WAITERS} wait already`);
  const unclaimed = messages.filter(isUnclaimed);
  const own = data.takes === 'all' ? unclaimed : unclaimed.slice(0, 1);
  return [
    { type: 'CallbackAwaited', data: { by: sender, ...data, since: at } },
    ...own.map(({ n }) => assigned(n, sender)),
  ];
}

/** A message under way is still delivered. If it is refused, it is unclaimed again. */
function stopWaiting({ sender }: CommandNamed<'StopWaiting'>, { waiters }: CallbackState): Decision {
  const waiter = waiters.find(({ by }) => by === sender);
  return waiter
    ? [{ type: 'CallbackWaitStopped', data: { by: waiter.by } }]
    : no('CALLBACK.NOT_WAITING', 'the sender does not wait');
}

function recordDelivery({ data }: CommandNamed<'RecordDelivery'>, state: CallbackState): Decision {
  const { waiters, messages } = state;
  const message = messages.find(({ n }) => n === Number(data.echo));
  if (!message?.to) return no('CALLBACK.NO_SUCH_MESSAGE', `message ${data.echo} is not being delivered`);
  const { n, to } = message;
  const { by, takes } = to;
  if (data.status === 'done') return [{ type: 'CallbackClaimed', data: { n, by } }];
  const isWaiting = takes === 'all' && TEMPORARY.includes(data.code) && waiters.some((one) => one.by === by);
  const next = waiters.find((one) => one.by !== by);
  return [
    { type: 'CallbackRefused', data: { n, by, code: data.code, isWaiting } },
    ...(next ? [assigned(n, next.by)] : []),
  ];
}

function redeliver({ data }: CommandNamed<'Redeliver'>, state: CallbackState): Decision {
  const message = unclaimed(data.n, state);
  if ('rejected' in message) return message;
  const to = state.waiters[0] ?? message.refused?.by;
  return to
    ? [{ type: 'CallbackRedelivered', data }, assigned(data.n, to.by)]
    : no('CALLBACK.NOBODY_WAITS', `nobody waits for message ${data.n}`);
}

function discard({ data }: CommandNamed<'Discard'>, state: CallbackState): Decision {
  const message = unclaimed(data.n, state);
  return 'rejected' in message ? message : [{ type: 'CallbackDiscarded', data }];
}

function unclaimed(n: number, { messages }: CallbackState): HeldMessage | Rejection {
  const message = messages.find((one) => one.n === n);
  if (!message) return no('CALLBACK.NO_SUCH_MESSAGE', `there is no unclaimed message ${n}`);
  return isUnclaimed(message) ? message : no('CALLBACK.BEING_DELIVERED', `message ${n} is being delivered`);
}

function assigned(n: number, to: string): CallbackEvent {
  return { type: 'CallbackAssigned', data: { n, to } };
}

function no(code: CallbackRejectionCode, detail: string): Rejection {
  return reject(code, detail);
}

/** The contract accepts no other type. A new one fails to compile here. */
function unknown(command: never): never {
  throw new TypeError(`no rule for ${(command as CallbackCommand).type}`);
}
