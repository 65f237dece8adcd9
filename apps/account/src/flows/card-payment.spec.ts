import { describe, expect, it } from '@jest/globals';
import { playFlow } from '#libs/testing/played-flow.js';
import { cardPaymentCalls, payByCard } from './card-payment.flow.js';

const input = { reference: 'order-1', amount: 500, currency: 'EUR', card: 'tok_visa', settleAfter: '24h' };
const refused = (code: string) => ({ status: 'refused' as const, code, detail: '' });

/** A provider that settles payments in a state. */
function provider(settled: string) {
  let state = settled;
  return {
    'charge-card': () => ({ id: 'pay_1', state: 'processing' }),
    'card-status': () => ({ id: 'pay_1', state }),
    'refund-card': () => ({ id: 'pay_1', state: (state = 'refunded') }),
  };
}

const flow = { main: payByCard, policies: cardPaymentCalls };

describe('a payment by card', () => {
  it('charges, and looks a day later', async () => {
    expect(await playFlow({ ...flow, input }, { calls: provider('succeeded') })).toEqual({
      end: { status: 'completed', result: { charge: 'pay_1', state: 'succeeded' } },
      calls: ['charge-card at 0 h', 'card-status at 24 h'],
    });
  });

  it('looks when the input says', async () => {
    const soon = { ...input, settleAfter: '2h' };
    const { calls } = await playFlow({ ...flow, input: soon }, { calls: provider('succeeded') });
    expect(calls).toEqual(['charge-card at 0 h', 'card-status at 2 h']);
  });

  it('is refunded if it has failed', async () => {
    const { end, calls } = await playFlow({ ...flow, input }, { calls: provider('failed') });
    expect(end).toEqual({ status: 'completed', result: { charge: 'pay_1', state: 'refunded' } });
    expect(calls.filter((call) => call.startsWith('refund'))).toEqual(['refund-card at 24 h']);
  });

  it('fails with the code of a declined charge, and nothing is refunded', async () => {
    const calls = { ...provider('succeeded'), 'charge-card': () => refused('CARD.DECLINED') };
    expect(await playFlow({ ...flow, input }, { calls })).toEqual({
      end: { status: 'failed', code: 'CARD.DECLINED', detail: '' },
      calls: ['charge-card at 0 h'],
    });
  });

  it('is refunded once if it is cancelled', async () => {
    const world = { calls: provider('succeeded'), cancelAt: '3h' };
    const { end, calls } = await playFlow({ ...flow, input }, world);
    expect(end).toEqual({ status: 'cancelled' });
    expect(calls.filter((call) => call.startsWith('refund'))).toEqual(['refund-card at 3 h']);
  });
});
