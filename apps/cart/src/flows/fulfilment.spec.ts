import { describe, expect, it } from '@jest/globals';
import { type PlayedFlow, playFlow } from '#libs/testing/played-flow.js';
import { fulfilmentCallPolicies, fulfilOrder } from './fulfilment.flow.js';

const input = {
  order: 'c-1:checkout-1',
  customerId: 'ann',
  lines: [{ sku: 'cd', quantity: 2 }],
  timeout: '30d',
};
const refused = { status: 'refused', code: 'FULFILMENT.REFUSED', detail: 'no' } as const;
const CANCELLED = 'cancel-fulfilment at';

type World = Parameters<typeof playFlow>[1];

const played = (world: World): Promise<PlayedFlow> =>
  playFlow(
    { main: fulfilOrder, policies: fulfilmentCallPolicies, input },
    { ...world, calls: { fulfil: () => ({ later: true }), 'cancel-fulfilment': () => ({}), ...world.calls } },
  );

describe('the fulfilment of an order', () => {
  it('is done if the provider has taken it at once', async () => {
    const { end, calls } = await played({ calls: { fulfil: () => ({}) } });
    expect(end).toEqual({ status: 'completed', result: { answered: 'at-once' } });
    expect(calls).toEqual(['fulfil at 0 h']);
  });

  it('waits for hours if the provider answers later', async () => {
    const outcome = { status: 'completed', result: {} } as const;
    const { end, calls } = await played({ reports: [{ at: '9h', place: 'fulfilled', outcome }] });
    expect(end).toEqual({ status: 'completed', result: { answered: 'later' } });
    expect(calls).toEqual(['fulfil at 0 h']);
  });

  it('is cancelled if the provider reports that it has failed', async () => {
    const outcome = { status: 'failed', code: 'PARCEL.LOST', detail: 'fell into the sea' } as const;
    const { end, calls } = await played({ reports: [{ at: '9h', place: 'fulfilled', outcome }] });
    expect(end).toMatchObject({ status: 'failed', code: 'PARCEL.LOST' });
    expect(calls).toEqual(['fulfil at 0 h', `${CANCELLED} 9 h`]);
  });

  it('is cancelled if no end is reported in time', async () => {
    const { end, calls } = await played({});
    expect(end).toMatchObject({ status: 'failed', code: 'FLOW.CALLBACK_LATE' });
    expect(calls).toEqual(['fulfil at 0 h', `${CANCELLED} 720 h`]);
  });

  it('is cancelled at the provider, too', async () => {
    const { end, calls } = await played({ cancelAt: '2h' });
    expect(end).toEqual({ status: 'cancelled' });
    expect(calls).toEqual(['fulfil at 0 h', `${CANCELLED} 2 h`]);
  });

  it('is cancelled after a refusal, which may follow an attempt that was taken', async () => {
    const { end, calls } = await played({ calls: { fulfil: () => refused } });
    expect(end).toMatchObject({ status: 'failed', code: 'FULFILMENT.REFUSED' });
    expect(calls).toEqual(['fulfil at 0 h', `${CANCELLED} 0 h`]);
  });
});
