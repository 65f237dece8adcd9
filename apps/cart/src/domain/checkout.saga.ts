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

const checkout = { name: 'checkout', stateVersion: 3 };

/** The part of the decider that no setting changes. */
export const checkoutFolding = sagaFolding<CheckoutInput>(checkout);

/**
 * Stock is reserved and money is held before anything is taken. Once both are certain the goods are
 * sent, and there is no way back: no rule can reject the remaining steps.
 */
function checkoutSaga(patienceSeconds: number, overdueSeconds?: number): SagaDefinition<CheckoutInput> {
  return {
    ...checkout,
    patienceSeconds,
    overdueSeconds,
    owner: ({ customerId }) => customerId,
    stages: (input, id) => {
      const payment = input.total > 0 ? paymentSteps(input, id) : undefined;
      return [
        [cartIsGivenBack(input)],
        input.lines.map((line, index) => reservation(input, line, index, id)),
        payment ? [payment.hold] : [],
        input.lines.map((line, index) => confirmation(line, index, id)),
        [fulfilment(input)],
        payment ? [payment.capture] : [],
        [completion(input)],
      ];
    },
  };
}

export function createCheckoutDecider(patienceSeconds: number, overdueSeconds?: number) {
  return sagaDecider(checkoutSaga(patienceSeconds, overdueSeconds));
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

function completion({ cartId, checkoutId }: CheckoutInput): SagaStep {
  const data = { checkoutId };
  return { name: 'complete', action: entity(Cart, cartId).send({ type: 'CompleteCheckout', data }) };
}
