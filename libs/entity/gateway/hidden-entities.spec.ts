import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { pino } from 'pino';
import type { AnyDecider } from '#libs/core/decider.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { emptyFold, foldOnwards } from '#libs/entity/activities/fold-stream.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { EventStore, ReadOptions } from '#libs/event-store/event-store.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { GrpcError, scriptedTemporal } from '#libs/testing/scripted-temporal.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import type { AccountState } from '../../../apps/account/src/domain/account.state.js';
import { createEntityGateway } from './temporal-entity-gateway.js';

const NOT_FOUND = 5;
const COMPLETED = 2;
const stream = 'account-default.a1';
const decider: AnyDecider = { ...accountDecider, owner: (state: AccountState) => state.owner };

/** What Temporal knows of an entity: no run, one that ended, or the fold of an open one. */
type Run = 'none' | 'ended' | ((fold: Fold) => Fold);

interface Entity {
  readonly run: Run;
  readonly isStored: boolean;
  readonly hasSnapshot?: boolean;
}

/** An account of Alice, in its store and as its workflow holds it. */
async function accountOfAlice() {
  const store = new MemoryEventStore();
  const logger = pino({ level: 'silent' });
  const activities = createEntityActivities({ decider, store, logger });
  const open = envelopeOf({ type: 'Open', data: { owner: 'alice', currency: 'USD' } }, 'open');
  const request = { stream, fold: emptyFold(decider), batch: [open], now: moment(), searchStream: false };
  await activities.decideAndAppend(request);
  const fold = await foldOnwards(decider, store, stream, emptyFold(decider));
  const ring = { entries: [] };
  return { store, fold, save: () => activities.saveSnapshot({ stream, snapshot: { fold, ring } }) };
}

/** Asks for the state on behalf of a caller, and counts what the answer costs. */
async function ask({ run, isStored, hasSnapshot }: Entity, onlyFor?: string) {
  const cost = { queries: 0, reads: 0 };
  const account = await accountOfAlice();
  if (hasSnapshot) await account.save();
  const held = isStored ? account.store : new MemoryEventStore();
  const store = {
    read: (name: string, options?: ReadOptions) => {
      cost.reads += 1;
      return held.read(name, options);
    },
  } as Partial<EventStore> as EventStore;
  const client = scriptedTemporal({
    queryWorkflow: async () => {
      cost.queries += 1;
      if (run === 'none') throw new GrpcError(NOT_FOUND, 'workflow not found');
      if (run === 'ended') return { queryRejected: { status: COMPLETED } };
      return { queryResult: { payloads: [defaultPayloadConverter.toPayload(run(account.fold))] } };
    },
  });
  const gateway = createEntityGateway({ client, store, deciders: { account: decider } });
  return { live: await gateway.state(stream, onlyFor), cost };
}

const nothing: Entity = { run: 'none', isStored: false };
const aliceHas: [string, Entity][] = [
  ['is running', { run: (fold) => fold, isStored: true }],
  ['runs earlier code', { run: (fold) => ({ ...fold, stateVersion: -1 }), isStored: true }],
  ['rests', { run: 'ended', isStored: true }],
  ['rests and left a snapshot', { run: 'ended', isStored: true, hasSnapshot: true }],
  ['has no run', { run: 'none', isStored: true }],
];

describe('an entity that', () => {
  it.each(aliceHas)('%s is shown to its owner, and to those who may see all', async (_, entity) => {
    for (const onlyFor of ['alice', undefined]) {
      expect((await ask(entity, onlyFor)).live).toMatchObject({ revision: 0, state: { owner: 'alice' } });
    }
  });

  it.each(aliceHas)('%s is to others what does not exist, and costs the same', async (_, entity) => {
    expect(await ask(entity, 'bob')).toEqual({ live: undefined, cost: { queries: 1, reads: 3 } });
  });

  it.each<[string, Entity]>([
    ['does not exist', nothing],
    ['has received commands but has no events', { run: () => emptyFold(decider), isStored: false }],
  ])('%s is nothing to everybody', async (_, entity) => {
    expect(await ask(entity, 'bob')).toEqual({ live: undefined, cost: { queries: 1, reads: 3 } });
    expect(await ask(entity)).toMatchObject({ live: undefined });
  });
});

it('its owner pays for no more than others who may see it', async () => {
  for (const [, entity] of aliceHas) {
    expect((await ask(entity, 'alice')).cost).toEqual((await ask(entity)).cost);
  }
});
