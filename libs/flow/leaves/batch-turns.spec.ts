import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { problems, UnavailableError } from '#libs/core/problems.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { EffectNotDoneError } from '#libs/entity/activities/entity-activities.errors.js';
import { type BatchTurn, BatchTurns, isOverload } from './batch-turns.js';

const never = new AbortController().signal;
let now = 0;
beforeEach(() => {
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => void jest.restoreAllMocks());

/** Takes that many turns, one millisecond after the last event. */
async function taken(turns: BatchTurns, count: number): Promise<readonly BatchTurn[]> {
  now += 1;
  const all = await Promise.all(Array.from({ length: count }, () => turns.take(never)));
  return all.filter((turn) => turn !== undefined);
}

/** Whether a promise has been settled by what is due now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let isSo = false;
  void promise.then(() => (isSo = true));
  for (let round = 0; round < 10; round += 1) await Promise.resolve();
  return isSo;
}

describe('the turns of batches', () => {
  it('are at most as many as the limit, and come in order', async () => {
    const turns = new BatchTurns(2);
    const [first] = await taken(turns, 2);
    const third = turns.take(never);
    const fourth = turns.take(never);
    expect(await isSettled(third)).toBe(false);
    first?.end(true);
    // The limit is 1 now, and one is under way.
    expect(await isSettled(third)).toBe(false);
    expect(await isSettled(fourth)).toBe(false);
  });

  it('are given to those who wait, the first of them first', async () => {
    const turns = new BatchTurns(1);
    const [first] = await taken(turns, 1);
    const order: number[] = [];
    const waits = [1, 2, 3].map((place) => turns.take(never).then((turn) => (order.push(place), turn)));
    first?.end(true);
    for (const wait of waits) (await wait)?.end(true);
    expect(order).toEqual([1, 2, 3]);
  });

  it('are halved once by an overload, however many batches tell of it', async () => {
    const turns = new BatchTurns(16);
    const all = await taken(turns, 16);
    now += 1;
    for (const turn of all) turn.end(true);
    expect(turns.limit).toBe(8);
    for (const turn of await taken(turns, 8)) turn.end(true);
    expect(turns.limit).toBe(4);
  });

  it('never fall below one', async () => {
    const turns = new BatchTurns(2);
    for (let round = 0; round < 5; round += 1) for (const turn of await taken(turns, 1)) turn.end(true);
    expect(turns.limit).toBe(1);
  });

  it('grow by one in a round in which all of them are used', async () => {
    const turns = new BatchTurns(4);
    const [first, ...others] = await taken(turns, 4);
    const waiting = turns.take(never);
    first?.end(false);
    const fifth = await waiting;
    for (const turn of [...others, fifth]) turn?.end(false);
    expect(turns.limit).toBe(4);
    for (let round = 0; round < 4; round += 1) {
      for (const turn of await taken(turns, turns.limit)) turn.end(false);
    }
    expect(turns.limit).toBeGreaterThan(4);
  });

  it('do not grow while fewer are used', async () => {
    const turns = new BatchTurns(4);
    for (let round = 0; round < 50; round += 1) for (const turn of await taken(turns, 3)) turn.end(false);
    expect(turns.limit).toBe(4);
  });

  it('are given up by a signal, and then go to the next', async () => {
    const turns = new BatchTurns(1);
    const [first] = await taken(turns, 1);
    const stop = new AbortController();
    const given = turns.take(stop.signal);
    const next = turns.take(never);
    stop.abort();
    expect(await given).toBeUndefined();
    expect(await turns.take(stop.signal)).toBeUndefined();
    first?.end(true);
    expect(await isSettled(next)).toBe(true);
    expect(await next).toBeDefined();
  });
});

describe('an overload', () => {
  it.each([
    [new UnavailableError('temporal'), true],
    [new ProblemError(problems.entityBusy, 'full'), true],
    [new EffectNotDoneError('undecided'), true],
    [new ProblemError(problems.invalidRequest, 'no'), false],
    [new TypeError('a defect'), false],
  ])('%p: %p', (error, is) => expect(isOverload(error)).toBe(is));
});
