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

/** The same, which reports the state of payments by webhook. */
function reporting(settled: string) {
  return { ...provider(settled), 'charge-card': () => ({ ...of('processing'), webhooks: 'card' }) };
}

const of = (state: string) => ({ id: 'pay_1', state });

/** A message with a webhook of the provider. */
const report = (at: string, state: string) => ({
  at,
  name: 'PaymentChanged',
  data: { callback: { id: 'card:pay_1', n: 1, webhookId: 'w-1', payload: of(state), receivedAt: at } },
});

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

describe('a payment that its provider reports', () => {
  const play = (world: Partial<Parameters<typeof playFlow>[1]>, settled = 'processing') =>
    playFlow({ ...flow, input }, { calls: reporting(settled), entities: 'accept', ...world });

  it('succeeds when the provider says so, and is not asked for', async () => {
    const messages = [report('1h', 'processing'), report('2h', 'succeeded')];
    expect(await play({ messages })).toEqual({
      end: { status: 'completed', result: { charge: 'pay_1', state: 'succeeded' } },
      calls: ['charge-card at 0 h', 'Wait at 0 h', 'StopWaiting at 2 h'],
    });
  });

  it('is refunded when the provider says that it failed', async () => {
    const { end, calls } = await play({ messages: [report('2h', 'failed')] }, 'failed');
    expect(end).toEqual({ status: 'completed', result: { charge: 'pay_1', state: 'refunded' } });
    expect(calls.slice(2)).toEqual(['card-status at 2 h', 'refund-card at 2 h', 'StopWaiting at 2 h']);
  });

  it('is asked for when the provider says nothing in time', async () => {
    const { end, calls } = await play({ messages: [report('25h', 'failed')] }, 'succeeded');
    expect(end).toMatchObject({ result: { state: 'succeeded' } });
    expect(calls.slice(2)).toEqual(['card-status at 24 h', 'StopWaiting at 24 h']);
  });

  it('waits for no report if it has settled at once', async () => {
    const calls = {
      ...reporting('succeeded'),
      'charge-card': () => ({ ...of('succeeded'), webhooks: 'card' }),
    };
    const played = await play({ calls });
    expect(played.calls).toEqual(['charge-card at 0 h', 'card-status at 24 h']);
  });

  it('is refunded once if it is cancelled, and waits no longer', async () => {
    const { end, calls } = await play({ cancelAt: '3h' }, 'succeeded');
    expect(end).toEqual({ status: 'cancelled' });
    expect(calls.filter((call) => /^(Stop|refund)/.test(call))).toEqual([
      'StopWaiting at 3 h',
      'refund-card at 3 h',
    ]);
  });

  it('does not depend on the service that takes webhooks', async () => {
    const { end, calls } = await play({ entities: 'are away' }, 'succeeded');
    expect(end).toMatchObject({ result: { state: 'succeeded' } });
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['charge-card', 'card-status']);
  });
});
