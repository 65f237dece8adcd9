import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eachOf } from '#libs/runtime/each-of.js';
import { cellsChosen } from '../../support/depth.js';
import { HEARD } from './late-provider.js';
import { alone, cellsOf, type Fault, killed } from './matrix.js';
import { SagaCase } from './saga-case.js';
import { SagaMatrix, SIDE_BY_SIDE } from './saga-matrix.js';
import { strike } from './strike.js';

jest.setTimeout(300_000);

const matrix = new SagaMatrix();
beforeAll(() => matrix.open());
afterAll(() => matrix.close());

const faults: readonly Fault[] = [...Object.values(alone), ...killed];
const isChosen = cellsChosen('faults of sagas', 8);

function casesOf(fault: Fault, departure?: Promise<void>): readonly SagaCase[] {
  const cells = cellsOf(fault).filter((_, row) => isChosen(row, faults.indexOf(fault)));
  return cells.map((cell) => new SagaCase(cell, matrix.server, departure));
}

/** Runs them all up to their steps, a few at a time: more would only wait for each other. */
async function begin(cases: readonly SagaCase[], isThere: (one: SagaCase) => Promise<void>): Promise<void> {
  for (const one of cases) matrix.add(one);
  await eachOf(cases, SIDE_BY_SIDE, async (one) => {
    await one.begin();
    await isThere(one);
  });
}

async function expectEnding(one: SagaCase): Promise<void> {
  const answers = await matrix.provider.answersTo(one);
  if (answers) expect({ [one.name]: answers }).toEqual({ [one.name]: HEARD });
  expect({ [one.name]: await one.untilEnded() }).toEqual({ [one.name]: one.cell.ending });
  const id = one.stream.slice(one.stream.indexOf('.') + 1);
  const { saga, ending } = one.cell;
  expect(matrix.orders.has(id)).toBe(saga !== 'transfer' && ending === 'completed');
  const paid = saga === 'card' && ending === 'completed' ? ['succeeded'] : [undefined, 'voided'];
  expect(paid).toContain(matrix.payments.get(id));
}

describe('while its workers live', () => {
  const cases = Object.values(alone).flatMap((fault) => casesOf(fault));
  const going = new Map<SagaCase, Promise<void>>();
  beforeAll(async () => {
    await begin(cases, async (one) => {
      await one.untilStruck();
      going.set(one, strike(one, matrix.server));
    });
    await Promise.allSettled(going.values());
  });

  it.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    await going.get(one);
    await expectEnding(one);
  });
});

describe.each(killed.map((fault) => [fault.name, fault] as const))('when its workers are %s', (_, fault) => {
  let depart = (): void => undefined;
  const departure = new Promise<void>((resolve) => (depart = resolve));
  const cases = casesOf(fault, departure);
  beforeAll(async () => {
    await begin(cases, (one) => one.untilThere());
    depart();
    await Promise.all(cases.map((one) => one.untilStruck()));
    await matrix.workers.kill();
    for (const { gate } of cases) gate.open();
    await matrix.workers.start();
  });

  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => expectEnding(one));
});

describe('in the end', () => {
  it('no piece and no cent is lost or made, and nothing is left set aside', async () => {
    expect(await matrix.violations()).toEqual([]);
  });

  it('every saga can be replayed', async () => {
    expect(await matrix.replayErrors()).toEqual({});
  });
});
