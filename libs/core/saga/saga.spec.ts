import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toMilliseconds, toTimestamp } from '../timestamp.js';
import { decider, type Living, overdueAt, said, started } from './saga.fixture.js';

/**
 * Lets time pass until a step is overdue, and has a person resolve it as done by hand or not done.
 * An overdue compensation is always done.
 */
function resolveOverdue(saga: Living, outcome: 'done' | 'not-done', effective: Set<string>): void {
  saga.pass(toTimestamp(toMilliseconds(saga.now) + 30_000));
  const step = saga.state.steps.find((one) => one.overdueAt !== undefined);
  if (!step) return;
  const isUndoing = step.status === 'undoing';
  const what = isUndoing ? 'done' : outcome;
  if (saga.tell('ResolveStep', said(step.name, what)) !== undefined || what === 'not-done') return;
  if (isUndoing) effective.delete(step.name);
  else effective.add(step.name);
}

describe('a saga', () => {
  it('runs the stages in sequence, and the steps of a stage in parallel', () => {
    const saga = started();
    expect(saga.underWay).toEqual(['Do flight', 'Do hotel']);
    saga.done('hotel');
    expect(saga.underWay).toEqual(['Do flight']);
    saga.done('flight');
    expect(saga.underWay).toEqual(['Do pay']);
    saga.done('pay');
    saga.done('ticket');
    saga.done('mail');
    expect(saga.state.status).toBe('completed');
  });

  it('tells all its stages as declared, whatever has begun', () => {
    expect(decider.plan(decider.initialState)).toEqual([]);
    const undoable = { canBeUndone: true };
    expect(decider.plan(started().state)).toEqual([
      [
        { name: 'flight', asks: 'Do to thing flight', ...undoable },
        { name: 'hotel', asks: 'Do to thing hotel', ...undoable },
      ],
      [{ name: 'pay', asks: 'Do to thing pay', ...undoable }],
      [{ name: 'ticket', asks: 'Do to thing ticket', ...undoable, pointOfNoReturn: true }],
      [{ name: 'mail', asks: 'Do to thing mail' }],
    ]);
  });

  it('compensates completed steps in reverse order when a step is refused', () => {
    const saga = started();
    saga.done('flight', 'hotel');
    saga.refused('pay', 'MONEY.LACKING');
    expect(saga.state).toMatchObject({ status: 'compensating', cause: { code: 'MONEY.LACKING' } });
    expect(saga.underWay).toEqual(['Undo flight', 'Undo hotel']);
    saga.done('flight', 'hotel');
    expect(saga.state.status).toBe('compensated');
  });

  it('waits for actions under way before it compensates, and compensates those too', () => {
    const saga = started();
    saga.refused('flight');
    expect(saga.underWay).toEqual(['Do hotel']);
    saga.done('hotel');
    expect(saga.underWay).toEqual(['Undo hotel']);
  });

  it('does not compensate a command that was rejected', () => {
    const saga = started();
    saga.refused('flight');
    saga.refused('hotel');
    expect(saga.state.status).toBe('compensated');
    expect(saga.events.some(({ type }) => type === 'CompensationStarted')).toBe(false);
  });

  it('is cancelled on request until its point of no return', () => {
    const early = started();
    expect(early.tell('Cancel', { reason: 'changed my mind' })).toBeUndefined();
    early.done('flight', 'hotel');
    early.done('flight', 'hotel');
    expect(early.state).toMatchObject({ status: 'compensated', cause: { code: 'SAGA.CANCELLED' } });

    const late = started();
    late.done('flight', 'hotel');
    late.done('pay');
    expect(late.tell('Cancel', { reason: 'changed my mind' })).toBe('SAGA.TOO_LATE');
    expect(decider.deadline?.(late.state)).toMatchObject({ command: { type: 'NoteOverdueStep' } });
  });

  it('gives up at its deadline', () => {
    const saga = started();
    saga.pass(overdueAt);
    expect(decider.deadline?.(saga.state)).toMatchObject({
      at: toTimestamp(60_000),
      command: { type: 'TimeOut' },
    });
    saga.tell('TimeOut');
    saga.done('flight', 'hotel');
    saga.done('flight', 'hotel');
    expect(saga.state).toMatchObject({ status: 'compensated', cause: { code: 'SAGA.TIMED_OUT' } });
  });

  it('waits for a person when a compensation is refused, and continues when they have resolved it', () => {
    const saga = started();
    saga.done('flight', 'hotel');
    saga.refused('pay');
    saga.refused('hotel', 'THING.BROKEN');
    saga.done('flight');
    expect(saga.state).toMatchObject({ status: 'compensating' });
    expect(saga.tell('RetryStep', { step: 'flight' })).toBe('SAGA.STEP_NOT_STUCK');
    expect(saga.tell('RetryStep', { step: 'train' })).toBe('SAGA.STEP_NOT_STUCK');
    saga.tell('RetryStep', { step: 'hotel' });
    expect(saga.underWay).toEqual(['Undo hotel']);
    saga.refused('hotel', 'THING.BROKEN');
    saga.tell('ResolveStep', { step: 'hotel', note: 'called them' });
    expect(saga.state.status).toBe('compensated');
  });

  it('waits for a person when a step after the point of no return is refused', () => {
    const saga = started();
    saga.done('flight', 'hotel');
    saga.done('pay');
    saga.done('ticket');
    saga.refused('mail');
    expect(saga.state.status).toBe('running');
    const notDone = { step: 'mail', note: 'no paper', outcome: 'not-done' };
    expect(saga.tell('ResolveStep', notDone)).toBe('SAGA.NO_WAY_BACK');
    saga.tell('RetryStep', { step: 'mail' });
    expect(saga.underWay).toEqual(['Do mail']);
    saga.done('mail');
    expect(saga.state.status).toBe('completed');
  });

  it('always ends, either completed or with everything compensated', () => {
    const choice = fc.record({
      pick: fc.nat(10),
      isRefused: fc.boolean(),
      cancels: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      resolves: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    });
    fc.assert(
      fc.property(fc.array(choice, { minLength: 60, maxLength: 60 }), (choices) => {
        const saga = started();
        const effective = new Set<string>();
        for (const { pick, isRefused, cancels, resolves } of choices) {
          if (cancels) saga.tell('Cancel', { reason: 'chance' });
          for (const stuck of saga.state.steps.filter(({ status }) => status === 'stuck')) {
            saga.tell('RetryStep', { step: stuck.name });
          }
          if (resolves) {
            resolveOverdue(saga, isRefused ? 'not-done' : 'done', effective);
            continue;
          }
          const all = [...saga.effects.values()];
          const effect = all[pick % Math.max(1, all.length)];
          if (!effect || effect.action.kind !== 'send') continue;
          if (isRefused) {
            saga.refused(effect.key);
            continue;
          }
          if (effect.action.command.type === 'Do') effective.add(effect.key);
          else effective.delete(effect.key);
          saga.done(effect.key);
        }
        if (saga.state.status === 'completed') expect(effective.size).toBe(5);
        if (saga.state.status === 'compensated') expect([...effective]).toEqual([]);
      }),
    );
  });
});
