import { describe, expect, it } from '@jest/globals';
import type { CardOperationTypes } from '#contracts/card-operation/card-operation.kind.js';
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

/** The same provider, which reports payments by webhook. */
function reporting(...states: string[]) {
  const calls = provider(...states);
  const named = { id: 'p-1', webhooks: 'card' };
  return {
    ...calls,
    'authorise-card': () => ({ ...calls['authorise-card'](), ...named }),
    'card-status': () => ({ ...calls['card-status'](), ...named }),
    'capture-card': () => ({ ...named, state: 'processing' }),
  };
}

let reports = 0;

/** A message with a webhook of the provider. */
function report(at: string, state: string) {
  const webhookId = `w-${(reports += 1)}`;
  const callback = { id: 'card:p-1', n: reports, webhookId, payload: { id: 'p-1', state }, receivedAt: at };
  return { at, name: 'PaymentChanged', data: { callback } };
}

/** What became of an operation, with its calls but for their times. */
async function played(
  operation: typeof authorisation | typeof capture,
  world: Parameters<typeof playFlow>[1],
) {
  const { end, calls } = await playFlow<CardOperationTypes, typeof cardOperationCalls>(operation, {
    entities: 'accept',
    ...world,
  });
  return { end, calls: calls.map((call) => call.split(' ')[0]) };
}

describe('an operation that its provider reports', () => {
  const authorised = { status: 'completed', result: { state: 'authorised' } };
  const captured = { status: 'completed', result: { state: 'captured' } };

  it('is authorised when the provider says so, and is not asked for', async () => {
    const messages = [report('10s', 'requires_action'), report('20s', 'created')];
    expect(await played(authorisation, { calls: reporting('requires_action'), messages })).toEqual({
      end: authorised,
      calls: ['authorise-card', 'Wait', 'StopWaiting'],
    });
  });

  it('is asked for after each minute without a report', async () => {
    const calls = reporting('requires_action', 'created');
    const { end, calls: made } = await playFlow(authorisation, { calls, entities: 'accept' });
    expect(end).toEqual(authorised);
    expect(made.slice(2)).toEqual([
      `card-status at ${1 / 60} h`,
      `card-status at ${2 / 60} h`,
      `StopWaiting at ${2 / 60} h`,
    ]);
  });

  it('is undone when the provider says that it failed', async () => {
    const world = { calls: reporting('processing'), messages: [report('10s', 'failed')] };
    const { end, calls } = await played(authorisation, world);
    expect(end).toMatchObject({ status: 'failed', code: 'CARD.NOT_AUTHORISED' });
    expect(calls).toEqual(['authorise-card', 'Wait', 'StopWaiting', 'undo-card']);
  });

  it('is captured when the provider says so, not when it says again that the amount is held', async () => {
    const messages = [report('1s', 'created'), report('10s', 'processing'), report('20s', 'succeeded')];
    expect(await played(capture, { calls: reporting('created'), messages })).toEqual({
      end: captured,
      calls: ['card-status', 'capture-card', 'Wait', 'StopWaiting'],
    });
  });

  it('is captured if a retried step finds the capture on its way', async () => {
    const messages = [report('10s', 'succeeded')];
    expect(await played(capture, { calls: reporting('processing'), messages })).toEqual({
      end: captured,
      calls: ['card-status', 'Wait', 'StopWaiting'],
    });
  });

  it('waits for no report if it is not pending', async () => {
    expect(await played(authorisation, { calls: reporting('created') })).toEqual({
      end: authorised,
      calls: ['authorise-card'],
    });
  });

  it('does not depend on the service that takes webhooks', async () => {
    const calls = reporting('processing', 'created');
    expect(await played(authorisation, { calls, entities: 'are away' })).toEqual({
      end: authorised,
      calls: ['authorise-card', 'card-status', 'card-status'],
    });
  });

  it('is undone once if it is cancelled, and waits no longer', async () => {
    const world = { calls: reporting('requires_action'), cancelAt: '30s' };
    const { end, calls } = await played(authorisation, world);
    expect(end).toEqual({ status: 'cancelled' });
    expect(calls).toEqual(['authorise-card', 'Wait', 'StopWaiting', 'undo-card']);
  });
});

it('undoing gives back whatever there is', async () => {
  const undoing = { ...flow, input: { operation: 'undo' as const, payment: 'p-1' } };
  expect(await playFlow(undoing, { calls: provider() })).toEqual({
    end: { status: 'completed', result: { state: 'undone' } },
    calls: ['undo-card at 0 h'],
  });
});
