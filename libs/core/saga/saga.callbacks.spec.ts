import { describe, expect, it } from '@jest/globals';
import type { CallAction } from '../effect.js';
import { toTimestamp } from '../timestamp.js';
import { sagaDecider } from './saga.decider.js';
import { type Living, said, started as startedWith, step } from './saga.fixture.js';

const ANSWER_SECONDS = 3_600;
const limit = toTimestamp(ANSWER_SECONDS * 1_000);

const ship: CallAction = { kind: 'call', call: 'ship', data: { order: 'o-1' }, answer: 'callback' };
const unship: CallAction = { kind: 'call', call: 'unship', data: { order: 'o-1' } };

const decider = sagaDecider<Record<string, never>>({
  name: 'sale',
  stateVersion: 1,
  patienceSeconds: 60,
  overdueSeconds: 30,
  stages: () => [
    [step('hold')],
    [
      {
        name: 'ship',
        action: ship,
        compensation: () => unship,
        answerSeconds: ANSWER_SECONDS,
        pointOfNoReturn: true,
      },
    ],
    [{ name: 'pay', action: { kind: 'call', call: 'pay', data: {}, answer: 'callback' } }],
  ],
});

/** A sale whose goods are being sent. */
function shipping(): Living {
  const saga = startedWith(decider);
  saga.done('hold');
  return saga;
}

const taken = { key: 'ship', status: 'done', attempts: 1, result: { later: true }, echo: 'do' };

/** The same, once the call was taken and will be answered later. */
function waiting(): Living {
  const saga = shipping();
  saga.effects.delete('ship');
  saga.tell('RecordStep', taken);
  return saga;
}

const completed = { status: 'completed', result: {} };
const failed = { status: 'failed', code: 'PARCEL.LOST', detail: 'fell into the sea' };
const report = (saga: Living, outcome: object, place = 'step ship') =>
  saga.tell('EndCallback', { place: `sale-default.t-1/${place}`, outcome });

describe('a step that is called back', () => {
  it('hands out an address until its limit', () => {
    expect(shipping().effects.get('ship')).toMatchObject({
      action: ship,
      callback: { place: 'step ship', until: limit },
    });
  });

  it('is done with the answer to its call, unless that says later', () => {
    const saga = shipping();
    saga.done('ship');
    expect(saga.step('ship')).toMatchObject({ status: 'done' });
    expect(saga.events.some(({ type }) => type === 'StepWaiting')).toBe(false);
  });

  it('waits for longer than steps and sagas may take, and is done as reported', () => {
    const saga = waiting();
    saga.pass(toTimestamp(ANSWER_SECONDS * 1_000 - 1));
    expect(saga.step('ship')).toMatchObject({ status: 'running', waitingSince: expect.any(String) });
    expect(report(saga, completed)).toBeUndefined();
    expect(saga.underWay).toEqual(['pay']);
  });

  it('is refused as reported, and then undone', () => {
    const saga = waiting();
    expect(report(saga, failed)).toBeUndefined();
    expect(saga.state.cause).toEqual({ code: 'PARCEL.LOST', detail: 'fell into the sea' });
    expect(saga.effects.get('ship')).toMatchObject({ action: unship });
    expect(saga.effects.get('ship')?.callback).toBeUndefined();
  });

  it('has one end', () => {
    const saga = waiting();
    report(saga, completed);
    for (const outcome of [completed, failed]) expect(report(saga, outcome)).toBe('SAGA.STEP_SETTLED');
    expect(report(saga, completed, 'step hold')).toBe('SAGA.STEP_SETTLED');
    expect(report(saga, completed, 'step none')).toBe('SAGA.STEP_SETTLED');
  });

  it('may end before its call is answered, which is not made again then', () => {
    const saga = shipping();
    expect(report(saga, completed)).toBeUndefined();
    expect(saga.underWay).toEqual(['pay']);
    expect(saga.tell('RecordStep', taken)).toBe('SAGA.STEP_SETTLED');
    const other = shipping();
    report(other, failed);
    expect(other.effects.get('ship')).toMatchObject({ action: unship });
    expect(other.tell('RecordStep', taken)).toBe('SAGA.STEP_SETTLED');
  });

  it('is no longer overdue once its call was taken', () => {
    const saga = shipping();
    saga.pass(toTimestamp(30_000));
    expect(saga.step('ship')?.overdueAt).toBeDefined();
    saga.tell('RecordStep', taken);
    expect(saga.step('ship')?.overdueAt).toBeUndefined();
    saga.pass(limit);
    expect(saga.step('ship')).toMatchObject({ status: 'stuck' });
  });
});

describe('a step that is not called back in time', () => {
  function late(): Living {
    const saga = waiting();
    saga.pass(limit);
    return saga;
  }

  it('is stuck, and takes no end', () => {
    const saga = late();
    const refusal = { code: 'SAGA.CALLBACK_LATE' };
    expect(saga.step('ship')).toMatchObject({ status: 'stuck', at: limit, refusal });
    expect(saga.underWay).toEqual([]);
    expect(report(saga, completed)).toBe('SAGA.STEP_SETTLED');
  });

  it('hands out another address when it is retried, and the one before is over', () => {
    const saga = late();
    saga.now = toTimestamp(2 * ANSWER_SECONDS * 1_000);
    expect(saga.tell('RetryStep', { step: 'ship' })).toBeUndefined();
    const until = toTimestamp(3 * ANSWER_SECONDS * 1_000);
    expect(saga.effects.get('ship')?.callback).toEqual({ place: 'step ship#2', until });
    saga.tell('RecordStep', taken);
    expect(report(saga, completed)).toBe('SAGA.STEP_SETTLED');
    expect(report(saga, completed, 'step ship#2')).toBeUndefined();
    expect(saga.underWay).toEqual(['pay']);
  });

  it('is undone when a person says that it was not done', () => {
    const saga = late();
    saga.tell('ResolveStep', said('ship', 'not-done'));
    expect(saga.effects.get('ship')).toMatchObject({ action: unship });
    expect(report(saga, failed)).toBe('SAGA.STEP_SETTLED');
  });

  it('is stuck after the point of no return, too, and has no way back', () => {
    const saga = shipping();
    saga.done('ship');
    saga.tell('RecordStep', { ...taken, key: 'pay' });
    saga.pass(toTimestamp(30_000));
    expect(saga.step('pay')).toMatchObject({ status: 'stuck' });
    expect(saga.tell('ResolveStep', said('pay', 'not-done'))).toBe('SAGA.NO_WAY_BACK');
  });
});

describe('a person who settles a step that waits for a callback', () => {
  it('need not wait for its limit', () => {
    const saga = waiting();
    expect(saga.tell('RetryStep', { step: 'ship' })).toBe('SAGA.STEP_UNDER_WAY');
    expect(saga.tell('ResolveStep', said('ship', 'done'))).toBeUndefined();
    expect(saga.underWay).toEqual(['pay']);
  });

  it('has it undone, and hears of it if it is completed all the same', () => {
    const saga = waiting();
    expect(saga.tell('ResolveStep', said('ship', 'not-done'))).toBeUndefined();
    expect(saga.state.cause).toMatchObject({ code: 'SAGA.STEP_NOT_DONE' });
    expect(saga.effects.get('ship')).toMatchObject({ action: unship });
    expect(report(saga, failed)).toBe('SAGA.STEP_SETTLED');
    expect(report(saga, completed)).toBeUndefined();
    expect(saga.step('ship')).toMatchObject({ succeededLateAt: expect.any(String) });
  });

  it.each([false, true])('hears of it from the last address only (undone: %s)', (isUndone) => {
    const saga = waiting();
    saga.pass(limit);
    saga.tell('RetryStep', { step: 'ship' });
    saga.tell('RecordStep', taken);
    saga.tell('ResolveStep', said('ship', 'not-done'));
    if (isUndone) saga.done('ship');
    expect(saga.step('ship')?.status).toBe(isUndone ? 'undone' : 'undoing');
    expect(report(saga, completed)).toBe('SAGA.STEP_SETTLED');
    expect(report(saga, completed, 'step ship#2')).toBeUndefined();
    expect(saga.step('ship')).toMatchObject({ succeededLateAt: expect.any(String) });
  });

  it('does not hear of an order that is only taken', () => {
    const saga = shipping();
    saga.pass(toTimestamp(30_000));
    saga.tell('ResolveStep', said('ship', 'not-done'));
    expect(saga.tell('RecordStep', taken)).toBe('SAGA.STEP_SETTLED');
  });
});
