import { describe, expect, it } from '@jest/globals';
import { playFlow } from '#libs/testing/played-flow.js';
import { cardOperationCalls, operateCard } from './card-operation.flow.js';

const order = { reference: 'order-1', amount: 500, currency: 'EUR', card: 'tok_visa' };
const refused = (code: string) => ({ status: 'refused' as const, code, detail: '' });
const flow = { main: operateCard, policies: cardOperationCalls };
const authorisation = { ...flow, input: { operation: 'authorise' as const, payment: 'p-1', order } };
const capture = { ...flow, input: { operation: 'capture' as const, payment: 'p-1' } };

/** A provider whose payment is in this state, and then in those. */
function provider(...states: string[]) {
  let state = states.shift() ?? 'created';
  const answer = () => ({ id: 'p-1', state });
  return {
    'authorise-card': answer,
    'card-status': () => {
      const now = answer();
      state = states.shift() ?? state;
      return now;
    },
    'capture-card': () => ({ id: 'p-1', state: (state = 'succeeded') }),
    'undo-card': () => ({ id: 'p-1', state: (state = 'voided') }),
  };
}

describe('an authorisation', () => {
  it('holds the money', async () => {
    expect(await playFlow(authorisation, { calls: provider('created') })).toEqual({
      end: { status: 'completed', result: { state: 'authorised' } },
      calls: ['authorise-card at 0 h'],
    });
  });

  it('waits for the cardholder', async () => {
    const calls = provider('requires_action', 'requires_action', 'processing', 'created');
    const { end } = await playFlow(authorisation, { calls });
    expect(end).toEqual({ status: 'completed', result: { state: 'authorised' } });
  });

  it('fails with the code of a declined card, and is undone: an earlier attempt may have arrived', async () => {
    const calls = { ...provider(), 'authorise-card': () => refused('CARD.DECLINED') };
    expect(await playFlow(authorisation, { calls })).toEqual({
      end: { status: 'failed', code: 'CARD.DECLINED', detail: '' },
      calls: ['authorise-card at 0 h', 'undo-card at 0 h'],
    });
  });

  it('is undone if it fails later, or nobody confirms it for a day', async () => {
    const failing = await playFlow(authorisation, { calls: provider('processing', 'processing', 'failed') });
    expect(failing.end).toMatchObject({ status: 'failed', code: 'CARD.NOT_AUTHORISED' });
    expect(failing.calls.at(-1)).toMatch(/^undo-card/);
    const forgotten = await playFlow(authorisation, { calls: provider('requires_action') });
    expect(forgotten.end).toMatchObject({ status: 'failed', code: 'CARD.NOT_SETTLED' });
    expect(forgotten.calls.at(-1)).toMatch(/^undo-card/);
  });

  it('is undone once if it is cancelled', async () => {
    const world = { calls: provider('requires_action'), cancelAt: '3m' };
    const { end, calls } = await playFlow(authorisation, world);
    expect(end).toEqual({ status: 'cancelled' });
    expect(calls.filter((call) => call.startsWith('undo'))).toHaveLength(1);
  });
});

describe('a capture', () => {
  it('takes what is held', async () => {
    expect(await playFlow(capture, { calls: provider('created') })).toEqual({
      end: { status: 'completed', result: { state: 'captured' } },
      calls: ['card-status at 0 h', 'capture-card at 0 h'],
    });
  });

  it('takes nothing twice', async () => {
    expect(await playFlow(capture, { calls: provider('succeeded') })).toEqual({
      end: { status: 'completed', result: { state: 'captured' } },
      calls: ['card-status at 0 h'],
    });
  });

  it('takes nothing that was given back', async () => {
    const { end, calls } = await playFlow(capture, { calls: provider('voided') });
    expect(end).toMatchObject({ status: 'failed', code: 'CARD.NOT_CAPTURED' });
    expect(calls).toEqual(['card-status at 0 h']);
  });

  it('fails with the code of the provider', async () => {
    const calls = { ...provider('created'), 'capture-card': () => refused('CARD.CAPTURE_DECLINED') };
    const { end } = await playFlow(capture, { calls });
    expect(end).toMatchObject({ status: 'failed', code: 'CARD.CAPTURE_DECLINED' });
  });
});

it('undoing gives back whatever there is', async () => {
  const undoing = { ...flow, input: { operation: 'undo' as const, payment: 'p-1' } };
  expect(await playFlow(undoing, { calls: provider() })).toEqual({
    end: { status: 'completed', result: { state: 'undone' } },
    calls: ['undo-card at 0 h'],
  });
});
