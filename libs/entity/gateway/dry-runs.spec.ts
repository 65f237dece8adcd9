import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { emptyFold, foldOnwards } from '#libs/entity/activities/fold-stream.js';
import type { ReadOptions } from '#libs/event-store/event-store.js';
import { envelopeOf, type TestCommand } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { HOUR, moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import { DryRuns } from './dry-runs.js';

const stream = 'account-default.a1';
const hold = { holdId: 'h-1', amount: 60, expiresAt: moment(HOUR) };
const past: readonly DomainEvent[] = [
  { type: 'AccountOpened', data: { owner: 'alice', currency: 'EUR' } },
  { type: 'MoneyDeposited', data: { amount: 100 } },
  { type: 'HoldPlaced', data: hold },
];

let store: MemoryEventStore;
beforeEach(async () => {
  store = new MemoryEventStore();
  await store.append(stream, -1, historyOf(stream, past));
  store.appends = 0;
});

async function tried(command: TestCommand, options = {}) {
  return new DryRuns(store, [{ decider: accountDecider }]).run(stream, envelopeOf(command, 'tried', options));
}

/** What the entity makes of the same command. */
async function sent(command: TestCommand, options = {}) {
  const decider: AnyDecider = accountDecider;
  const activities = createEntityActivities({ decider, store, logger: pino({ level: 'silent' }) });
  const fold = await foldOnwards(decider, store, stream, emptyFold(decider));
  const batch = [envelopeOf(command, 'tried', options)];
  const now = batch[0]?.sentAt ?? moment();
  const { outcomes, events } = await activities.decideAndAppend({
    stream,
    fold,
    batch,
    now,
    searchStream: false,
  });
  return { outcome: outcomes[0], events };
}

const later = moment(2 * HOUR);
const afterThat = moment(4 * HOUR);
const commands: [string, TestCommand, object][] = [
  ['that is accepted', { type: 'Withdraw', data: { amount: 40 } }, {}],
  ['that is rejected', { type: 'Withdraw', data: { amount: 41 } }, {}],
  ['before which something is due', { type: 'Withdraw', data: { amount: 100 }, at: later }, {}],
  ['for another revision', { type: 'Withdraw', data: { amount: 1 } }, { expectedRevision: 1 }],
  ['with a name that is in use', { type: 'PlaceHold', data: { ...hold, amount: 1 } }, {}],
  [
    'with a name that was used up',
    { type: 'PlaceHold', data: { ...hold, amount: 1, expiresAt: afterThat }, at: later },
    {},
  ],
];

describe('the dry run of a command', () => {
  it.each(commands)(
    '%s foretells its outcome and events, and writes nothing',
    async (_, command, options) => {
      const { outcome, events, before, after } = await tried(command, options);
      expect(store.appends).toBe(0);
      expect(before).toMatchObject({ revision: 2 });
      expect(after.revision).toBe(2 + events.length);
      const real = await sent(command, options);
      const { status, revision } = outcome;
      expect({ status, revision, events }).toEqual({
        status: real.outcome?.status,
        revision: real.outcome?.revision,
        events: real.events,
      });
      if (outcome.status === 'rejected')
        expect(real.outcome).toMatchObject({ code: outcome.code, detail: outcome.detail });
      expect(after.state).toEqual(
        (await foldOnwards(accountDecider, store, stream, emptyFold(accountDecider))).state,
      );
    },
  );

  it('of somebody who does not own the entity tells nothing of it, and costs the same', async () => {
    const reads: string[] = [];
    const counted = Object.assign(Object.create(store) as MemoryEventStore, {
      read: (name: string, options?: ReadOptions) => {
        reads.push(name);
        return store.read(name, options);
      },
    });
    const runs = new DryRuns(counted, [{ decider: accountDecider }]);
    const envelope = envelopeOf({ type: 'Withdraw', data: { amount: 1 }, actor: 'bob', roles: [] }, 'of bob');
    const hidden = await runs.run(stream, envelope);
    const cost = reads.splice(0).length;
    const absent = await runs.run('account-default.none', envelope);
    expect(reads).toHaveLength(cost);
    expect(hidden.outcome).toEqual(absent.outcome);
    expect(hidden.outcome).toMatchObject({ status: 'rejected', revision: -1 });
  });
});

it('a message to a flow is tried as if its function ran', async () => {
  const decider = flowDecider({ name: 'cardPayment', messages: [] });
  const of = 'cardPayment-default.p1';
  const started = { input: {}, execution: 'run', startedBy: 'alice', at: moment() };
  await store.append(of, -1, historyOf(of, [{ type: 'FlowStarted', data: started }]));
  const runs = new DryRuns(store, [{ decider, isFlow: true }]);
  const cancel = envelopeOf({ type: 'Cancel', data: { reason: 'tried' } }, 'cancel');
  expect(await runs.run(of, cancel)).toMatchObject({
    outcome: { status: 'accepted' },
    events: [{ type: 'FlowCancelRequested' }],
  });
  expect(await runs.run(of, envelopeOf({ type: 'Restart', data: {} }, 'restart'))).toMatchObject({
    outcome: { status: 'rejected', code: 'FLOW.NOT_LOST' },
  });
});
