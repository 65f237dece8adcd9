import { expect, it } from '@jest/globals';
import type { AnyDecider } from '#libs/core/decider.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { EndedOwners } from './ended-owners.js';

const OWNER = 'checkout-default.one';
const command = { type: 'Return', data: {}, at: moment() };

it.each([
  ['has not ended while a step is under way', ['SagaStarted', 'StepStarted'], false],
  ['has not ended when a person has resolved a step', ['StepStarted', 'StepResolved'], false],
  ['has ended when it is completed', ['StepSucceeded', 'SagaCompleted'], true],
  ['has ended when it is compensated', ['StepCompensated', 'SagaCompensated'], true],
  [
    'has ended though a step succeeded late and a person has seen to it',
    ['SagaCompensated', 'StepSucceededLate', 'StepResolved'],
    true,
  ],
  ['has not ended when nothing is known of it', [], false],
])('a saga %s', async (_, types, hasEnded) => {
  const store = new MemoryEventStore();
  const events = types.map((type) => ({ type, data: {} }));
  if (events.length > 0) await store.append(OWNER, -1, historyOf(OWNER, events));
  const owners = new EndedOwners({ owners: () => [OWNER] } as unknown as AnyDecider, store);
  expect(owners.missing(command, {})).toEqual([OWNER]);
  await owners.look([OWNER]);
  expect(owners.missing(command, {})).toEqual([]);
  expect(owners.endedOf(command, {})).toEqual(hasEnded ? [OWNER] : []);
});
