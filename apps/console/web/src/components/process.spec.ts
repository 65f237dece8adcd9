import { expect, it } from '@jest/globals';
import type { EntityEvent } from '../api/entity.js';
import { stagesOfFlow, stagesOfSaga } from './process.js';

const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
const matching = (text: RegExp | string): unknown =>
  typeof text === 'string' ? text : expect.stringMatching(text);
const eventsOf = (...all: [type: string, second: number, data?: object][]): EntityEvent[] =>
  all.map(([type, second, data], revision) => ({
    id: String(revision),
    entityId: 'one',
    commandId: 'c',
    type,
    revision,
    at: at(second),
    data: { ...data, at: at(second) },
  }));

it('a saga is its steps, then what undoes them, with the verbs for what is stuck', () => {
  const steps = [
    { name: 'hold', status: 'stuck', at: at(4), attempts: 3 },
    { name: 'deposit', status: 'refused', at: at(2), refusal: { code: 'NO', detail: 'no' } },
  ];
  const events = eventsOf(
    ['StepStarted', 0, { step: 'hold' }],
    ['StepSucceeded', 1, { step: 'hold' }],
    ['StepStarted', 1, { step: 'deposit' }],
    ['StepRefused', 2, { step: 'deposit' }],
    ['CompensationStarted', 3, { step: 'hold' }],
    ['StepStuck', 4, { step: 'hold' }],
  );
  const stages = stagesOfSaga({ id: 'one', revision: 5, steps }, events);
  expect(stages).toMatchObject([
    { title: 'hold', status: 'stuck', at: at(0), until: at(1), notes: ['3 attempts'] },
    { title: 'deposit', status: 'refused', at: at(1), until: at(2), notes: ['NO: no'], verbs: [] },
    { title: 'undo hold', status: 'stuck', at: at(3) },
  ]);
  expect(stages[0]?.verbs).toMatchObject([
    { command: 'retry-step', body: { step: 'hold' } },
    { command: 'resolve-step', body: { step: 'hold' } },
  ]);
  expect(stages[2]).not.toHaveProperty('until');
});

it('steps that have not begun stand in their place, and say what they wait for', () => {
  const stages = [
    [{ name: 'hold', asks: 'PlaceHold to account a', canBeUndone: true }],
    [{ name: 'deposit', pointOfNoReturn: true }, { name: 'note' }],
    [{ name: 'capture' }],
  ];
  const steps = [{ name: 'hold', status: 'running', at: at(0) }];
  const events = eventsOf(['StepStarted', 0, { step: 'hold' }]);
  const shown = stagesOfSaga({ id: 'one', revision: 0, status: 'running', stages, steps }, events);
  expect(shown).toMatchObject([
    { title: 'hold', status: 'running', notes: ['PlaceHold to account a · can be undone'] },
    { title: 'deposit', status: 'not begun', notes: [/no way back/, 'Begins after hold'].map(matching) },
    { title: 'note', status: 'not begun', notes: ['Begins after hold'] },
    { title: 'capture', status: 'not begun', notes: ['Begins after deposit, note'] },
  ]);
  expect(shown[1]).not.toHaveProperty('at');
  const givenUp = stagesOfSaga({ id: 'one', revision: 0, status: 'compensating', stages, steps }, events);
  expect(givenUp[3]).toMatchObject({ status: 'left out', notes: [] });
});

it('a flow is what it did, and its waits from their beginning to their end', () => {
  const wait = (place: string, until?: string) => ({ place, kind: 'sleep', name: place, until });
  const events = eventsOf(
    ['FlowStarted', 0],
    ['FlowWaiting', 1, { waits: [wait('a', at(9)), wait('b')] }],
    ['FlowWaiting', 3, { waits: [wait('b')] }],
    ['CompensationStuck', 4, { name: 'refund', code: 'NO', detail: 'no' }],
  );
  const stages = stagesOfFlow({ id: 'one', revision: 3 }, events);
  expect(stages).toMatchObject([
    { title: 'started', until: at(0) },
    { title: 'timer a', status: 'done', at: at(1), until: at(3) },
    { title: 'timer b', status: 'waiting', at: at(1) },
    { title: 'refund', status: 'stuck', verbs: [{ body: { name: 'refund' } }, { body: { name: 'refund' } }] },
  ]);
  expect(stages[1]).not.toHaveProperty('dueAt');
  const ended = stagesOfFlow({ id: 'one', revision: 3, endedAt: at(5) }, events);
  expect(ended[2]).toMatchObject({ status: 'done', until: at(5) });
});

it('a flow that is lost can be restarted or cancelled, and only while it is', () => {
  const events = eventsOf(['FlowStarted', 0], ['FlowLost', 1]);
  const verbsOf = (status: string) =>
    stagesOfFlow({ id: 'one', revision: 1, status }, events).flatMap(({ verbs }) => verbs);
  expect(verbsOf('lost')).toMatchObject([{ command: 'restart' }, { command: 'cancel' }]);
  expect(verbsOf('running')).toEqual([]);
});
