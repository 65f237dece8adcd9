import type { CheckoutInput } from '#contracts/checkout/checkout.contract.js';
import type { Action } from '#libs/decider/effect.js';
import type { JsonObject } from '#libs/decider/json.js';
import type { SagaCause, SagaDefinition, SagaStep } from '#libs/saga/saga.js';
import { sagaDecider } from '#libs/saga/saga.decider.js';

/** By these names the service knows who fulfils orders. */
export const FULFIL = 'fulfil';
export const CANCEL_FULFILMENT = 'cancel-fulfilment';

const MAX_REASON = 500;

/** The id of a checkout's saga, which also names its reservations, its hold and its fulfilment. */
export function checkoutSagaId(cartId: string, checkoutId: string): string {
  return `${cartId}:${checkoutId}`;
}

/**
 * Nothing is taken before all is set aside; goods leave when the money is held and the stock is ours, and then there is no way
 * back: what is left cannot be refused by a rule.
 */
function checkoutSaga(patienceSeconds: number): SagaDefinition<CheckoutInput> {
  return {
    name: 'checkout',
    stateVersion: 1,
    patienceSeconds,
    stages: (input, id) => {
      const { total } = input;
      const isPaid = total > 0;
      return [
        [cartIsGivenBack(input)],
        input.lines.map((line, index) => reservation(input, line, index, id)),
        isPaid ? [hold(input, id)] : [],
        input.lines.map((line, index) => confirmation(line, index, id)),
        [fulfilment(input)],
        isPaid
          ? [{ name: 'capture', action: tell('account', input.accountId, 'CaptureHold', { holdId: id }) }]
          : [],
        [{ name: 'complete', action: tellCart(input, 'CompleteCheckout', {}) }],
      ];
    },
  };
}

export function createCheckoutDecider(patienceSeconds: number) {
  return sagaDecider(checkoutSaga(patienceSeconds));
}

type Line = CheckoutInput['lines'][number];

/** Does nothing by itself: the cart has changed before the saga began. */
function cartIsGivenBack(input: CheckoutInput): SagaStep {
  return {
    name: 'cart',
    compensation: (cause) => tellCart(input, 'FailCheckout', { reason: reasonOf(cause) }),
    nothingToUndo: ['CHECKOUT.FAILED'],
  };
}

function reservation(
  { cartId }: CheckoutInput,
  { sku, quantity }: Line,
  index: number,
  id: string,
): SagaStep {
  return {
    name: `reserve-${index + 1}`,
    action: tell('inventory', sku, 'Reserve', { reservationId: id, quantity, cartId }),
    compensation: () => tell('inventory', sku, 'ReleaseReservation', { reservationId: id }),
    nothingToUndo: ['RESERVATION.RELEASED', 'RESERVATION.RETURNED', 'RESERVATION.NOT_FOUND'],
  };
}

function hold({ accountId, total, currency, cartId }: CheckoutInput, holdId: string): SagaStep {
  const reference = `cart ${cartId}`;
  return {
    name: 'hold',
    action: tell('account', accountId, 'PlaceHold', { holdId, amount: total, currency, reference }),
    compensation: () => tell('account', accountId, 'ReleaseHold', { holdId }),
    nothingToUndo: ['HOLD.ENDED', 'HOLD.NOT_FOUND'],
  };
}

function confirmation({ sku }: Line, index: number, reservationId: string): SagaStep {
  return {
    name: `confirm-${index + 1}`,
    action: tell('inventory', sku, 'ConfirmReservation', { reservationId }),
    compensation: () => tell('inventory', sku, 'ReturnReservation', { reservationId }),
    nothingToUndo: ['RESERVATION.RETURNED'],
  };
}

function fulfilment({ cartId, checkoutId, customerId, lines }: CheckoutInput): SagaStep {
  const order = checkoutSagaId(cartId, checkoutId);
  const parcels = lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return {
    name: 'fulfil',
    action: { kind: 'call', call: FULFIL, data: { order, customerId, lines: parcels } },
    compensation: () => ({ kind: 'call', call: CANCEL_FULFILMENT, data: { order } }),
    pointOfNoReturn: true,
  };
}

function tellCart({ cartId, checkoutId }: CheckoutInput, type: string, data: JsonObject): Action {
  return tell('cart', cartId, type, { checkoutId, ...data });
}

function tell(category: string, id: string, type: string, data: JsonObject): Action {
  return { kind: 'send', to: { category, id }, command: { type, data } };
}

function reasonOf({ code, detail }: SagaCause): string {
  return (detail === '' ? code : `${code}: ${detail}`).slice(0, MAX_REASON);
}
