import { describe, expect, it } from '@jest/globals';
import type { SendAction } from '../effect.js';
import { toTimestamp } from '../timestamp.js';
import { type Living, said, started as startedWith, step } from './saga.fixture.js';
import type { SagaStep } from './saga.js';
import { sagaDecider } from './saga.decider.js';

const ANSWER_SECONDS = 3_600;
const limit = toTimestamp(ANSWER_SECONDS * 1_000);

const later = (name: string, type: string): SendAction => ({
  kind: 'send',
  to: { category: 'thing', id: name },
  command: { type, data: {} },
  answer: 'later',
});

/** A step that its thing answers later. */
function asking(name: string, more: Partial<SagaStep> = {}): SagaStep {
  const withdraw: SendAction = {
    kind: 'send',
    to: { category: 'thing', id: name },
    command: { type: 'Withdraw', data: {} },
  };
  return step(name, { action: later(name, 'Ask'), withdraw, answerSeconds: ANSWER_SECONDS, ...more });
}

const decider = sagaDecider<Record<string, never>>({
  name: 'trip',
  stateVersion: 1,
  patienceSeconds: 10 * ANSWER_SECONDS,
  overdueSeconds: 30,
  stages: () => [
    [step('flight')],
    [asking('visa'), step('hotel')],
    [step('ticket', { pointOfNoReturn: true })],
    [{ name: 'seat', action: (asked) => later(`seat-${asked}`, 'Ask') }],
  ],
});

/** A saga whose request for a visa was taken, and is not answered yet. */
function waiting(): Living {
  const saga = startedWith(decider);
  saga.done('flight');
  saga.effects.delete('visa');
  return saga;
}

const visa = 'thing-default.visa';
const done = { key: 'visa', status: 'done', attempts: 1, result: {}, echo: 'do' };
const refused = { key: 'visa', status: 'refused', attempts: 1, code: 'VISA.NO', detail: 'no', echo: 'do' };
const answer = (saga: Living, outcome: object, sender = visa) => saga.tell('RecordStep', outcome, sender);

describe('a step whose target answers later', () => {
  it('waits, and is done or refused as the target says', () => {
    const saga = waiting();
    saga.done('hotel');
    expect(saga.underWay).toEqual([]);
    expect(saga.step('visa')).toMatchObject({ status: 'running' });
    expect(answer(saga, done)).toBeUndefined();
    expect(saga.underWay).toEqual(['Do ticket']);

    const other = waiting();
    expect(answer(other, refused)).toBeUndefined();
    other.done('hotel');
    expect(other.state.cause).toEqual({ code: 'VISA.NO', detail: 'no' });
    expect(other.underWay).toEqual(['Undo hotel']);
  });

  it('has the reason of an approval, and the code of a flow', () => {
    const byApproval = waiting();
    answer(byApproval, { ...refused, approval: { reason: 'too dear' } });
    expect(byApproval.step('visa')).toMatchObject({ refusal: { code: 'VISA.NO', detail: 'too dear' } });
    const byFlow = waiting();
    answer(byFlow, { ...refused, flow: { code: 'CARD.DECLINED', detail: 'no funds' } });
    expect(byFlow.step('visa')).toMatchObject({ refusal: { code: 'CARD.DECLINED', detail: 'no funds' } });
  });

  it('takes an answer from nobody else, nor for a step that is answered at once', () => {
    const saga = waiting();
    expect(answer(saga, done, 'thing-default.hotel')).toBe('SAGA.NOT_ASKED');
    expect(answer(saga, done, 'other-default.visa')).toBe('SAGA.NOT_ASKED');
    expect(answer(saga, { ...done, key: 'hotel' }, 'thing-default.hotel')).toBe('SAGA.NOT_ASKED');
    expect(answer(saga, { ...done, key: 'train' }, visa)).toBe('SAGA.NOT_ASKED');
    expect(saga.step('visa')).toMatchObject({ status: 'running' });
  });

  it('is refused at once if the target does not take the request', () => {
    const saga = startedWith(decider);
    saga.done('flight');
    saga.refused('visa', 'VISA.CLOSED');
    saga.done('hotel');
    expect(saga.state.cause).toMatchObject({ code: 'VISA.CLOSED' });
    expect(saga.underWay).toEqual(['Undo hotel']);
  });

  it('is overdue after its own limit, and a late answer still counts', () => {
    const saga = waiting();
    saga.done('hotel');
    saga.pass(toTimestamp(ANSWER_SECONDS * 1_000 - 1));
    expect(saga.step('visa')?.overdueAt).toBeUndefined();
    saga.pass(limit);
    expect(saga.step('visa')).toMatchObject({ status: 'running', overdueAt: limit });
    expect(answer(saga, done)).toBeUndefined();
    expect(saga.underWay).toEqual(['Do ticket']);
  });

  it('is answered once', () => {
    const saga = waiting();
    answer(saga, done);
    expect(answer(saga, done)).toBe('SAGA.STEP_SETTLED');
    expect(answer(saga, refused)).toBe('SAGA.STEP_SETTLED');
  });
});

describe('an answer after a person has resolved the step', () => {
  it('changes nothing if the step was done by hand', () => {
    const saga = waiting();
    saga.done('hotel');
    saga.pass(limit);
    saga.tell('ResolveStep', said('visa', 'done'));
    expect(saga.underWay).toEqual(['Do ticket']);
    expect(answer(saga, done)).toBe('SAGA.STEP_SETTLED');
    expect(answer(saga, refused)).toBe('SAGA.STEP_SETTLED');
  });

  it('waits for a person if it was not done, and the request is withdrawn', () => {
    const saga = waiting();
    saga.done('hotel');
    saga.pass(limit);
    const withdrawn: string[] = [];
    const before = saga.effects.set.bind(saga.effects);
    saga.effects.set = (key, effect) => {
      if (effect.echo === 'withdraw') withdrawn.push(key);
      return before(key, effect);
    };
    saga.tell('ResolveStep', said('visa', 'not-done'));
    expect(withdrawn).toEqual(['visa']);
    expect(saga.underWay).toEqual(['Undo visa', 'Undo hotel']);
    expect(answer(saga, refused)).toBe('SAGA.STEP_SETTLED');
    expect(answer(saga, done)).toBeUndefined();
    expect(saga.step('visa')).toMatchObject({ status: 'undoing', succeededLateAt: limit });
  });
});

describe('a saga that is compensated while a step has no answer', () => {
  function cancelled(): Living {
    const saga = waiting();
    saga.done('hotel');
    expect(saga.tell('Cancel', { reason: 'changed my mind' })).toBeUndefined();
    return saga;
  }

  it('withdraws the request after it was taken, and waits for the answer', () => {
    const saga = cancelled();
    expect(saga.underWay).toEqual(['Withdraw visa']);
    expect(saga.effects.get('visa')).toMatchObject({ follows: 'visa', replyOn: 'refusal' });
    answer(saga, refused);
    expect(saga.underWay).toContain('Undo hotel');
    expect(saga.step('visa')).toMatchObject({ status: 'refused' });
  });

  it('compensates the step if the answer is that it was done', () => {
    const saga = cancelled();
    answer(saga, done);
    expect(saga.underWay).toEqual(['Undo visa', 'Undo hotel']);
  });

  it('ignores that there was nothing to withdraw', () => {
    const saga = cancelled();
    expect(saga.tell('RecordStep', { ...refused, echo: 'withdraw' })).toBe('SAGA.STEP_SETTLED');
    expect(saga.step('visa')).toMatchObject({ status: 'running' });
  });

  it('withdraws nothing from a step that is answered at once', () => {
    const saga = startedWith(decider);
    saga.tell('Cancel', { reason: 'changed my mind' });
    expect(saga.underWay).toEqual(['Do flight']);
  });
});

it('a step that a person retries asks somebody else, if its action says so', () => {
  const saga = waiting();
  answer(saga, done);
  saga.done('hotel');
  saga.done('ticket');
  const seat = { ...done, key: 'seat' };
  const no = { ...refused, key: 'seat' };
  expect(answer(saga, seat, 'thing-default.seat-2')).toBe('SAGA.NOT_ASKED');
  answer(saga, no, 'thing-default.seat-1');
  expect(saga.step('seat')).toMatchObject({ status: 'stuck' });
  saga.tell('RetryStep', { step: 'seat' });
  expect(saga.effects.get('seat')).toMatchObject({ action: { to: { id: 'seat-2' } } });
  expect(answer(saga, seat, 'thing-default.seat-1')).toBe('SAGA.NOT_ASKED');
  answer(saga, seat, 'thing-default.seat-2');
  expect(saga.state.status).toBe('completed');
});

describe('a step whose target may do it at once', () => {
  const patient = sagaDecider<Record<string, never>>({
    name: 'trip',
    stateVersion: 1,
    patienceSeconds: 60,
    overdueSeconds: 30,
    stages: () => [
      [asking('visa', { action: { ...later('visa', 'Ask'), answer: { laterAfter: 'VisaRequested' } } })],
      [step('ticket', { pointOfNoReturn: true })],
    ],
  });
  const waits = (saga: Living, sender = visa) => saga.tell('NoteWaitingStep', { step: 'visa' }, sender);

  it('is overdue, and makes the saga give up, like any other', () => {
    const saga = startedWith(patient);
    saga.pass(toTimestamp(60_000));
    expect(saga.step('visa')).toMatchObject({ status: 'running', overdueAt: toTimestamp(30_000) });
    expect(saga.state).toMatchObject({ status: 'compensating', cause: { code: 'SAGA.TIMED_OUT' } });
  });

  it('waits as long as the answer may take, once the target says so', () => {
    const saga = startedWith(patient);
    expect(waits(saga, 'thing-default.hotel')).toBe('SAGA.NOT_ASKED');
    expect(waits(saga)).toBeUndefined();
    expect(waits(saga)).toBe('SAGA.STEP_SETTLED');
    saga.pass(toTimestamp(ANSWER_SECONDS * 1_000 - 1));
    expect(saga.state).toMatchObject({ status: 'running', steps: [{ waitingSince: toTimestamp(0) }] });
    saga.pass(limit);
    expect(saga.step('visa')).toMatchObject({ status: 'running', overdueAt: limit });
    expect(answer(saga, done)).toBeUndefined();
    expect(saga.underWay).toContain('Do ticket');
    expect(saga.step('visa')?.waitingSince).toBeUndefined();
  });

  it('is not said to wait once it is done', () => {
    const saga = startedWith(patient);
    answer(saga, done);
    expect(waits(saga)).toBe('SAGA.STEP_SETTLED');
  });
});
