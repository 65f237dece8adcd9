import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Decider } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import { envelopeOf, testId } from '#libs/testing/command-envelope.builder.js';
import { moment } from '#libs/testing/moments.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold } from './fold-stream.js';

type Add = { type: 'Add'; data: { amount: number }; at: string };
type Added = { type: 'Added'; data: { amount: number } };

const counter: Decider<{ sum: number }, Add, Added> = {
  name: 'counter',
  stateVersion: 1,
  initialState: { sum: 0 },
  decide: ({ data }) => [{ type: 'Added', data }],
  evolve: ({ sum }, { data }) => ({ sum: sum + data.amount }),
};
const stream = streamName('counter', 'one');
const add = (id: string) => envelopeOf({ type: 'Add', data: { amount: 1 } }, id);

function activitiesOnNewStore() {
  const store = new MemoryEventStore();
  const logger = pino({ level: 'silent' });
  return createEntityActivities({ decider: counter, store, logger });
}

describe('an append that was not recorded', () => {
  const fold = emptyFold(counter);
  const now = moment();

  it('is reported to the entity with the next command, whichever that is', async () => {
    const { decideAndAppend } = activitiesOnNewStore();
    const lost = await decideAndAppend({ stream, fold, batch: [add('first')], now, searchStream: false });
    const next = await decideAndAppend({ stream, fold, batch: [add('second')], now, searchStream: false });
    expect(next).toMatchObject({ revision: 1, events: [{ type: 'Added' }, { type: 'Added' }] });
    expect(next.outcomes.map(({ commandId }) => commandId)).toEqual([testId('second')]);
    expect(next.found).toEqual([{ outcome: lost.outcomes[0] }]);
  });

  it('answers its own repeat', async () => {
    const { decideAndAppend } = activitiesOnNewStore();
    const lost = await decideAndAppend({ stream, fold, batch: [add('first')], now, searchStream: false });
    const again = await decideAndAppend({
      stream,
      fold,
      batch: [add('first'), add('second')],
      now,
      searchStream: false,
    });
    expect(again.revision).toBe(1);
    expect(again.outcomes[0]).toEqual(lost.outcomes[0]);
  });
});
