import { describe, it } from '@jest/globals';
import { cardPaymentContract } from '#contracts/card-payment/card-payment.contract.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import { testFlow } from '#libs/testing/test-flow.js';
import { cardPaymentCalls } from '../../../apps/account/src/flows/card-payment.flow.js';

const order = { reference: 'order-1', amount: 500, currency: 'EUR', card: 'tok_visa' };
const id = 'pay_1';

/** A provider that is asked in vain once, and settles payments in a state. */
function provider(settled: string) {
  let isAway = true;
  return {
    'charge-card': async () => {
      if (!isAway) return { id, state: 'processing' };
      isAway = false;
      throw new Error('the provider is away');
    },
    'card-status': async () => ({ id, state: settled }),
    'refund-card': async () => ({ id, state: 'refunded' }),
  };
}

describe('a payment by card', () => {
  const payments = testFlow(cardPaymentContract, {
    workflowBundle: 'dist/apps/account/workflows.bundle.js',
    calls: cardPaymentCalls,
    alwaysReplay: true,
  });

  it('is charged at once, and succeeds three days later', () =>
    payments
      .given({ ...order, settleAfter: '3d' }, { calls: provider('succeeded') })
      .whenTimePasses('1m')
      .thenCalls(['charge-card', order])
      .thenWaitsFor('settle')
      .whenTimePasses('3d')
      .thenCalls(['card-status', { id }])
      .thenCompletes({ charge: id, state: 'succeeded' }));

  it('is refunded once when it is cancelled', () =>
    payments
      .given(order, { calls: provider('succeeded') })
      .whenTimePasses('3h')
      .whenCancelled()
      .thenCalls(['charge-card', order], ['card-status', { id }], ['refund-card', { id }])
      .thenIsCancelled());

  it('fails with the code of a declined charge', () => {
    const declined = async () => {
      throw new EffectRefusedError('CARD.DECLINED', 'no funds');
    };
    return payments
      .given(order, { calls: { ...provider('succeeded'), 'charge-card': declined } })
      .thenFails('CARD.DECLINED');
  });
});
