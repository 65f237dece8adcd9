import type { CheckoutInput } from '#contracts/checkout/checkout.contract.js';
import { Cart } from '#contracts/cart/cart.kind.js';
import { entity } from '#libs/core/entity-in-effects.js';
import { Item } from '#contracts/inventory/inventory.kind.js';
import type { SagaDefinition, SagaStep } from '#libs/core/saga/saga.js';
import { sagaDecider, sagaFolding } from '#libs/core/saga/saga.decider.js';
import { checkoutFailure } from './cart-checkout.decide.js';
import { paymentSteps } from './checkout.payment.js';

/** The names of the calls that fulfil orders. */
export const FULFIL = 'fulfil';
export const CANCEL_FULFILMENT = 'cancel-fulfilment';

/**
 * The id of a checkout's saga, which is also used for its reservations, its hold and its
 * fulfilment.
 */
export function checkoutSagaId(cartId: string, checkoutId: string): string {
  return `${cartId}:${checkoutId}`;
}

const MONTH_SECONDS = 30 * 24 * 60 * 60;

const checkout = { name: 'checkout', stateVersion: 5 };

/** The part of the decider that no setting changes. */
export const checkoutFolding = sagaFolding<CheckoutInput>(checkout);

/** How long a checkout waits, in seconds. */
interface CheckoutTimes {
  /** Until it is undone, unless its fulfilment has begun. */
  readonly patienceSeconds: number;
  /** For the answer to a step, until it is overdue. */
  readonly overdueSeconds?: number | undefined;
  /** For the end of a fulfilment that the provider reports later. Default: 30 days. */
  readonly fulfilmentSeconds?: number | undefined;
}

/**
 * Stock is reserved and money is held before anything is taken. Once both are certain the goods are
 * sent, and there is no way back: no rule can reject the remaining steps.
 */
function checkoutSaga({
  fulfilmentSeconds,
  ...times
}: CheckoutTimes & { readonly fulfilmentSeconds: number }): SagaDefinition<CheckoutInput> {
  return {
    ...checkout,
    ...times,
    owner: ({ customerId }) => customerId,
    stages: (input, id) => {
      const payment = input.total > 0 ? paymentSteps(input, id) : undefined;
      return [
        [cartIsGivenBack(input)],
        input.lines.map((line, index) => reservation(input, line, index, id)),
        payment ? [payment.hold] : [],
        input.lines.map((line, index) => confirmation(line, index, id)),
        [fulfilment(input, fulfilmentSeconds)],
        payment ? [payment.capture] : [],
        [completion(input)],
      ];
    },
  };
}

/** The rules of checkouts. */
export function createCheckoutDecider({ fulfilmentSeconds = MONTH_SECONDS, ...times }: CheckoutTimes) {
  return sagaDecider(checkoutSaga({ ...times, fulfilmentSeconds }));
}

type Line = CheckoutInput['lines'][number];

/** Has no action: the cart changed before the saga started. */
function cartIsGivenBack({ cartId, checkoutId }: CheckoutInput): SagaStep {
  return {
    name: 'cart',
    compensation: (cause) =>
      entity(Cart, cartId).send({
        type: 'FailCheckout',
        data: { checkoutId, reason: checkoutFailure(cause) },
      }),
    nothingToUndo: ['CHECKOUT.FAILED'],
  };
}

function reservation(
  { cartId }: CheckoutInput,
  { sku, quantity }: Line,
  index: number,
  id: string,
): SagaStep {
  const ofReservation = { reservationId: id };
  return {
    name: `reserve-${index + 1}`,
    action: entity(Item, sku).send({ type: 'Reserve', data: { ...ofReservation, quantity, cartId } }),
    compensation: () => entity(Item, sku).send({ type: 'ReleaseReservation', data: ofReservation }),
    // A confirmed reservation is kept while its saga runs. A forgotten one was released or
    // returned.
    nothingToUndo: [
      'RESERVATION.RELEASED',
      'RESERVATION.RETURNED',
      'RESERVATION.FORGOTTEN',
      'RESERVATION.NOT_FOUND',
      'STOCK.NOT_FOUND',
    ],
  };
}

function confirmation({ sku }: Line, index: number, id: string): SagaStep {
  const ofReservation = { reservationId: id };
  return {
    name: `confirm-${index + 1}`,
    action: entity(Item, sku).send({ type: 'ConfirmReservation', data: ofReservation }),
    compensation: () => entity(Item, sku).send({ type: 'ReturnReservation', data: ofReservation }),
    // A reservation that was not confirmed is released by the compensation of its own step.
    nothingToUndo: ['RESERVATION.RETURNED', 'RESERVATION.NOT_CONFIRMED'],
  };
}

/** The provider may take the order now, and report hours later that it is fulfilled. */
function fulfilment(
  { cartId, checkoutId, customerId, lines }: CheckoutInput,
  answerSeconds: number,
): SagaStep {
  const order = checkoutSagaId(cartId, checkoutId);
  const parcels = lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return {
    name: 'fulfil',
    action: { kind: 'call', call: FULFIL, data: { order, customerId, lines: parcels }, answer: 'callback' },
    answerSeconds,
    compensation: () => ({ kind: 'call', call: CANCEL_FULFILMENT, data: { order } }),
    pointOfNoReturn: true,
  };
}

function completion({ cartId, checkoutId }: CheckoutInput): SagaStep {
  const data = { checkoutId };
  return { name: 'complete', action: entity(Cart, cartId).send({ type: 'CompleteCheckout', data }) };
}
