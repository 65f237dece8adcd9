import type { CheckoutInput } from '#contracts/checkout/checkout.contract.js';
import { Account } from '#contracts/account/account.kind.js';
import { CardOperation } from '#contracts/card-operation/card-operation.kind.js';
import { entity, flow } from '#libs/core/entity-in-effects.js';
import type { SagaStep } from '#libs/core/saga/saga.js';
import { stepFlow } from '#libs/core/saga/step-answers.js';

/** How long the provider of cards may take to settle a capture. */
const CARD_SECONDS = 3_600;

/** How a checkout is paid: one step holds the money, another one takes it. */
interface PaymentSteps {
  readonly hold: SagaStep;
  readonly capture: SagaStep;
}

/** The steps that pay a checkout by the method in its input. */
export function paymentSteps(input: CheckoutInput, id: string): PaymentSteps {
  const { payment, accountId } = input;
  if (payment) return byCard(input, id, payment.card);
  if (accountId === undefined) throw new TypeError(`the checkout ${id} has no payment`);
  return byAccount(input, id, accountId);
}

function byAccount(input: CheckoutInput, id: string, accountId: string): PaymentSteps {
  const { customerId: owner, total: amount, currency, cartId } = input;
  const account = entity(Account, accountId);
  const ofHold = { holdId: id };
  const data = { ...ofHold, owner, amount, currency, reference: `cart ${cartId}` };
  return {
    hold: {
      name: 'hold',
      action: account.send({ type: 'PlaceHold', data }),
      compensation: () => account.send({ type: 'ReleaseHold', data: ofHold }),
      nothingToUndo: ['HOLD.ENDED', 'HOLD.NOT_FOUND', 'ACCOUNT.NOT_OPENED', 'ACCOUNT.CLOSED'],
    },
    capture: { name: 'capture', action: account.send({ type: 'CaptureHold', data: ofHold }) },
  };
}

/**
 * The payment has the id of the saga, so it can be undone whatever is known of it. Each operation
 * is a flow; one that is retried needs another id.
 */
function byCard(input: CheckoutInput, id: string, card: string): PaymentSteps {
  const { total: amount, currency, cartId } = input;
  const order = { reference: `cart ${cartId}`, amount, currency, card };
  const nth = (operation: string, asked: number) => `${id}:${operation}${asked === 1 ? '' : `:${asked}`}`;
  return {
    hold: {
      name: 'authorise',
      action: stepFlow(
        CardOperation,
        nth('authorise', 1),
        { operation: 'authorise', payment: id, order },
        { step: 'authorise' },
      ),
      withdraw: flow(CardOperation, nth('authorise', 1)).cancel('the checkout is undone'),
      compensation: (_, asked) =>
        stepFlow(
          CardOperation,
          nth('undo', asked),
          { operation: 'undo', payment: id },
          { step: 'authorise', part: 'undo' },
        ),
    },
    capture: {
      name: 'capture',
      action: (asked) =>
        stepFlow(
          CardOperation,
          nth('capture', asked),
          { operation: 'capture', payment: id },
          { step: 'capture' },
        ),
      answerSeconds: CARD_SECONDS,
    },
  };
}
