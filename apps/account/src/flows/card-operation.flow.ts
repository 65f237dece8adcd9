import type { CardOperationTypes } from '#contracts/card-operation/card-operation.kind.js';
import { callPolicy, type Flow, type FlowFunction } from '#libs/core/flow/flow.js';
import { FlowFailure } from '#libs/core/flow/flow.errors.js';
import { FINAL, type OfPayment, type Payment, whenSettled } from './pending-payment.js';

type Order = NonNullable<CardOperationTypes['input']['order']>;

/** How the provider is called. */
export const cardOperationCalls = {
  'authorise-card': callPolicy<Order & OfPayment, Payment>(),
  'capture-card': callPolicy<OfPayment, Payment>(),
  'undo-card': callPolicy<OfPayment, Payment>(),
  'card-status': callPolicy<OfPayment, Payment>(),
};

type F = Flow<CardOperationTypes, typeof cardOperationCalls>;

/** The pauses between looks at a payment that is pending; the last one is repeated. */
const PAUSES = ['1s', '2s', '5s', '10s', '30s', '1m'] as const;
const MOST_LOOKS = 24 * 60;

/** The pause before a look where the provider reports payments by webhooks. */
const PAUSE_WITH_REPORTS = '1m';

/** While these last, a bank or the cardholder has to do something. */
const PENDING: readonly string[] = ['requires_action', 'processing'];

/**
 * Does one step of a payment by card. While the payment is pending, the provider reports its state
 * by a webhook, if it sends any; else it is asked.
 */
export const operateCard: FlowFunction<CardOperationTypes, typeof cardOperationCalls> = async (input, f) => {
  const { operation, payment: id, order } = input;
  if (operation === 'undo') return undo(id, f);
  if (operation === 'capture') return capture(id, f);
  if (!order) throw new FlowFailure('CARD.NO_ORDER', 'there is nothing to authorise');
  return authorise({ id, ...order }, f);
};

/**
 * What undoes it is registered first, because the reply may be lost. It also runs if the provider
 * refuses: an earlier attempt may have been taken.
 */
async function authorise(order: Order & OfPayment, f: F) {
  const { id } = order;
  f.compensate('authorise', (f) => f.call('undo-card', { id }));
  const payment = await f.call('authorise-card', order);
  const state = await settled(payment, f, ['created', ...FINAL]);
  if (state === 'created' || state === 'succeeded') return { state: 'authorised' } as const;
  throw new FlowFailure('CARD.NOT_AUTHORISED', `the payment is ${state}`);
}

/** Looks first: a step that a person has had retried may have taken the money before. */
async function capture(id: string, f: F) {
  let payment = await f.call('card-status', { id });
  if (payment.state === 'created') payment = await f.call('capture-card', { id });
  // A report that the amount is held is an old one.
  const state = await settled(payment, f, FINAL);
  if (state === 'succeeded') return { state: 'captured' } as const;
  throw new FlowFailure('CARD.NOT_CAPTURED', `the payment is ${state}`);
}

/** The provider also remembers the id of a payment that it does not know yet, and refuses it. */
async function undo(id: string, f: F) {
  await f.call('undo-card', { id });
  return { state: 'undone' } as const;
}

/**
 * The state of a payment once it is not pending any more. `ends` are the states of which a report
 * says that.
 */
async function settled(payment: Payment, f: F, ends: readonly string[]): Promise<string> {
  const { id, state: first, webhooks } = payment;
  if (!PENDING.includes(first)) return first;
  const isReported = webhooks !== undefined && f.version('reports');
  const waiting = {
    pauses: isReported ? [PAUSE_WITH_REPORTS] : PAUSES,
    mostLooks: MOST_LOOKS,
    pending: PENDING,
    ends,
    onPending: (state: string) => f.progress({ state }),
  };
  return whenSettled(f, isReported ? payment : { id, state: first }, waiting, async (state) => state);
}
