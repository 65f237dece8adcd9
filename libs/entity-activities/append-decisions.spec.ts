import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { CommandEnvelope } from '#libs/decider/envelope.js';
import type { Fold } from '#libs/entity-workflow/entity-messages.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { opened } from '../../apps/account/src/domain/account.fixture.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold, foldOnwards } from './fold-stream.js';

const stream = 'account-default.one';
const logger = pino({ level: 'silent' });
const deposit = (name: string, amount: number) => envelopeOf({ type: 'Deposit', data: { amount } }, name);
const withdraw = (name: string, amount: number) => envelopeOf({ type: 'Withdraw', data: { amount } }, name);

let store: MemoryEventStore;
let fold: Fold;
beforeEach(async () => {
  store = new MemoryEventStore();
  await store.append(stream, -1, historyOf(stream, [opened]));
  fold = await foldOnwards(accountDecider, store, stream, emptyFold(accountDecider));
});

/** Runs of the activity that all begin where the account was opened: of the ones before, nobody remembers anything. */
function run(...batch: readonly CommandEnvelope[]) {
  const { decideAndAppend } = createEntityActivities({ decider: accountDecider, store, logger });
  return decideAndAppend({ stream, fold, batch, now: moment(), searchStream: false });
}

describe('what an earlier run has written', () => {
  it('does not fail because the store refuses to take it again', async () => {
    const { outcomes } = await run(deposit('a', 5));
    store.failNext('refused', 'refused');
    expect((await run(deposit('a', 5))).outcomes).toEqual(outcomes);
  });

  it('is not hidden by an append that repeats a part of it: what was rejected beside that is decided again', async () => {
    const [early, rest] = [[deposit('a', 1), withdraw('w', 6), deposit('b', 5)], deposit('c', 1)];
    expect((await run(...early)).outcomes).toMatchObject([{}, { status: 'rejected' }, {}]);
    expect((await run(...early, rest)).outcomes).toContainEqual(
      expect.objectContaining({ commandId: withdraw('w', 6).commandId, status: 'accepted', revision: 3 }),
    );
    const again = await run(...early);
    expect(again.outcomes.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(again.revision).toBe(4);
    expect(store.eventsOf(stream)).toHaveLength(5);
  });
});
