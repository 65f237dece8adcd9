import { behaviourOf } from './card-tokens.js';

/** What processing ends in. */
export type Settlement = 'succeeded' | 'failed';

export type PaymentState = 'created' | 'requires_action' | 'processing' | Settlement | 'refunded' | 'voided';

/** A payment as it is stored. Times are in milliseconds since 1970. */
export interface Payment {
  readonly id: string;
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  readonly card: string;
  /** Whether the money is taken at once, or only held until `capture`. */
  readonly capture: 'automatic' | 'manual';
  /** Where each state that it enters is sent to. */
  readonly webhookUrl?: string | undefined;
  readonly history: readonly { readonly state: PaymentState; readonly at: number }[];
  /** When processing ends, and how. */
  readonly settles?: { readonly at: number; readonly state: Settlement };
}

export type PaymentAction = 'confirm' | 'capture' | 'void' | 'refund';

/** A failed payment can be refunded too: as with a direct debit, it may have been taken before. */
const allowed: Readonly<Record<PaymentAction, readonly PaymentState[]>> = {
  confirm: ['requires_action'],
  capture: ['created'],
  void: ['created', 'requires_action', 'processing'],
  refund: ['succeeded', 'failed'],
};

export function stateOf({ history }: Payment): PaymentState {
  return history.at(-1)?.state ?? 'created';
}

/** The amount that the cardholder has paid. */
export function chargedBy(payment: Payment): number {
  return stateOf(payment) === 'succeeded' ? payment.amount : 0;
}

/** The payment after the first step, which depends on its card. */
export function begin(payment: Omit<Payment, 'history'>, now: number): Payment {
  const begun = { ...payment, history: [] };
  if (behaviourOf(payment.card)?.requiresAction) return enter(begun, 'requires_action', now);
  return takeOrHold(begun, now);
}

/** The payment after an action, or undefined if its state does not allow it. */
export function act(payment: Payment, action: PaymentAction, now: number): Payment | undefined {
  if (!allowed[action].includes(stateOf(payment))) return undefined;
  switch (action) {
    case 'confirm':
      return takeOrHold(payment, now);
    case 'capture':
      return take(payment, now);
    case 'void':
      return enter(payment, 'voided', now);
    case 'refund':
      return enter(payment, 'refunded', now);
  }
}

/** The payment as it stands now: processing ends by itself once its time has come. */
export function settle(payment: Payment, now: number): Payment {
  const { settles } = payment;
  if (!settles || settles.at > now || stateOf(payment) !== 'processing') return payment;
  return enter(payment, settles.state, settles.at);
}

function takeOrHold(payment: Payment, now: number): Payment {
  return payment.capture === 'manual' ? enter(payment, 'created', now) : take(payment, now);
}

function take(payment: Payment, now: number): Payment {
  const settles = behaviourOf(payment.card)?.settles;
  if (!settles) return enter(payment, 'succeeded', now);
  const { state, afterMilliseconds } = settles;
  return { ...enter(payment, 'processing', now), settles: { state, at: now + afterMilliseconds } };
}

function enter(payment: Payment, state: PaymentState, at: number): Payment {
  return { ...payment, history: [...payment.history, { state, at }] };
}
