import { describe, expect, it } from '@jest/globals';
import { toTimestamp } from '../timestamp.js';
import { at, type Living, overdueAt, said, started } from './saga.fixture.js';

describe('a step without an outcome', () => {
  it('becomes overdue, and is still retried', () => {
    const saga = started();
    expect(saga.tell('ResolveStep', said('flight', 'done'))).toBe('SAGA.STEP_UNDER_WAY');
    saga.pass(overdueAt);
    expect(saga.step('flight')).toMatchObject({ status: 'running', at, overdueAt });
    expect(saga.underWay).toEqual(['Do flight', 'Do hotel']);
    expect(saga.tell('RetryStep', { step: 'flight' })).toBe('SAGA.STEP_UNDER_WAY');
    saga.done('flight');
    expect(saga.step('flight')).toEqual({ name: 'flight', status: 'done', at: overdueAt, attempts: 1 });
  });

  it('becomes overdue again after a retry', () => {
    const saga = started();
    saga.done('flight', 'hotel');
    saga.refused('pay');
    saga.refused('hotel', 'THING.BROKEN');
    saga.done('flight');
    saga.now = toTimestamp(50_000);
    saga.tell('RetryStep', { step: 'hotel' });
    saga.pass(toTimestamp(79_000));
    expect(saga.step('hotel')?.overdueAt).toBeUndefined();
    saga.pass(toTimestamp(80_000));
    expect(saga.step('hotel')).toMatchObject({ status: 'undoing', overdueAt: toTimestamp(80_000) });
  });

  it('is not retried once a person has done it', () => {
    const saga = started();
    saga.pass(overdueAt);
    expect(saga.tell('ResolveStep', said('flight', 'done'))).toBeUndefined();
    expect(saga.underWay).toEqual(['Do hotel']);
    saga.done('hotel');
    expect(saga.underWay).toEqual(['Do pay']);
    expect(saga.step('flight')).toMatchObject({ status: 'done', note: 'asked them' });
    saga.refused('pay');
    expect(saga.underWay).toEqual(['Undo flight', 'Undo hotel']);
  });

  it('makes the saga compensate when a person says that it was not done, and is compensated too', () => {
    const saga = started();
    saga.done('hotel');
    saga.pass(overdueAt);
    saga.tell('ResolveStep', said('flight', 'not-done'));
    const cause = { code: 'SAGA.STEP_NOT_DONE', detail: 'asked them' };
    expect(saga.state).toMatchObject({ status: 'compensating', cause });
    expect(saga.underWay).toEqual(['Undo flight', 'Undo hotel']);
    saga.done('flight', 'hotel');
    expect(saga.state.status).toBe('compensated');
  });

  it('holds up a cancelled saga until a person resolves it', () => {
    const saga = started();
    saga.done('hotel');
    saga.tell('Cancel', { reason: 'changed my mind' });
    saga.pass(overdueAt);
    expect(saga.underWay).toEqual(['Do flight']);
    saga.tell('ResolveStep', said('flight', 'not-done'));
    saga.done('flight', 'hotel');
    expect(saga.state).toMatchObject({ status: 'compensated', cause: { code: 'SAGA.CANCELLED' } });
  });

  it('may be the point of no return: a rejected cancellation names it, and it may be resolved either way', () => {
    for (const outcome of ['done', 'not-done'] as const) {
      const saga = started();
      saga.done('flight', 'hotel');
      saga.done('pay');
      saga.pass(overdueAt);
      expect(saga.rejectionOf('Cancel', { reason: 'too slow' })).toMatchObject({
        code: 'SAGA.TOO_LATE',
        detail: expect.stringContaining('ticket'),
      });
      saga.tell('ResolveStep', said('ticket', outcome));
      expect(saga.underWay).toEqual(outcome === 'done' ? ['Do mail'] : ['Undo ticket']);
    }
  });

  it('has to be done if it comes after the point of no return', () => {
    const saga = started();
    saga.done('flight', 'hotel');
    saga.done('pay');
    saga.done('ticket');
    saga.pass(overdueAt);
    expect(saga.tell('ResolveStep', said('mail', 'not-done'))).toBe('SAGA.NO_WAY_BACK');
    saga.tell('ResolveStep', said('mail', 'done'));
    expect(saga.state.status).toBe('completed');
  });
});

describe('a compensation without an outcome', () => {
  function undoing(): Living {
    const saga = started();
    saga.done('flight', 'hotel');
    saga.refused('pay');
    saga.done('hotel');
    saga.pass(overdueAt);
    expect(saga.step('flight')).toMatchObject({ status: 'undoing', overdueAt });
    return saga;
  }

  it.each([
    ['done', 'undone'],
    ['not-done', 'left'],
  ] as const)('ends when a person says that it is %s', (outcome, status) => {
    const saga = undoing();
    saga.tell('ResolveStep', said('flight', outcome));
    expect(saga.underWay).toEqual([]);
    expect(saga.step('flight')).toMatchObject({ status, note: 'asked them' });
    expect(saga.state.status).toBe('compensated');
  });

  it('is reported when it succeeds after it was left', () => {
    const saga = undoing();
    saga.tell('ResolveStep', said('flight', 'not-done'));
    saga.late('flight', 'undo');
    expect(saga.step('flight')).toMatchObject({ status: 'left', succeededLateAt: overdueAt });
  });
});

describe('a step that succeeds after a person has said that it was not done', () => {
  it('waits for a person, and is not mistaken for its compensation', () => {
    const saga = started();
    saga.done('hotel');
    saga.pass(overdueAt);
    saga.tell('ResolveStep', said('flight', 'not-done'));
    saga.late('flight', 'do');
    expect(saga.step('flight')).toMatchObject({ status: 'undoing', succeededLateAt: overdueAt });
    // The compensation is not affected, and continues.
    saga.tell('ResolveStep', said('flight', 'not-done'));
    expect(saga.underWay).toEqual(['Undo flight', 'Undo hotel']);
    expect(saga.step('flight')?.succeededLateAt).toBeUndefined();
    saga.done('flight', 'hotel');
    expect(saga.state.status).toBe('compensated');
  });

  it('waits for a person after the end, too', () => {
    const saga = started();
    saga.done('hotel');
    saga.pass(overdueAt);
    saga.tell('ResolveStep', said('flight', 'not-done'));
    saga.done('flight', 'hotel');
    saga.late('flight', 'do');
    expect(saga.step('flight')).toMatchObject({ status: 'undone', succeededLateAt: overdueAt });
    expect(saga.tell('ResolveStep', said('flight', 'done'))).toBeUndefined();
    expect(saga.step('flight')).toMatchObject({ status: 'undone', note: 'asked them' });
    expect(saga.tell('ResolveStep', said('flight', 'done'))).toBe('SAGA.STEP_NOT_STUCK');
    expect(saga.state.status).toBe('compensated');
  });

  it('is recognised in effects of older code, which have no echo', () => {
    const saga = started();
    saga.done('hotel');
    saga.pass(overdueAt);
    saga.tell('ResolveStep', said('flight', 'not-done'));
    saga.late('flight');
    expect(saga.step('flight')).toMatchObject({ status: 'undoing', succeededLateAt: overdueAt });
  });

  it('does not matter when a person has said that it was done, or when it was refused', () => {
    const saga = started();
    saga.pass(overdueAt);
    saga.tell('ResolveStep', said('flight', 'done'));
    const outcome = { key: 'flight', attempts: 9, echo: 'do' };
    expect(saga.tell('RecordStep', { ...outcome, status: 'done', result: {} })).toBe('SAGA.STEP_SETTLED');
    saga.tell('ResolveStep', said('hotel', 'not-done'));
    const refused = { ...outcome, key: 'hotel', status: 'refused', code: 'THING.NO', detail: 'no' };
    expect(saga.tell('RecordStep', refused)).toBe('SAGA.STEP_SETTLED');
  });
});
