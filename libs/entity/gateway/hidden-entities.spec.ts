import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { pino } from 'pino';
import type { AnyDecider } from '#libs/core/decider.js';
import type { Outcome } from '#libs/core/outcome.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { emptyFold, foldOnwards } from '#libs/entity/activities/fold-stream.js';
import type { CommandIndex } from '#libs/entity/activities/command-index.js';
import type { KeptOutcome, OutcomeMemory } from '#libs/entity/activities/outcome-memory.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import {
  type Fold,
  RECEIPT_QUERY,
  type RecentReceipt,
  type Ring,
} from '#libs/entity/protocol/entity-messages.js';
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
const at = moment();
const opening: CommandEnvelope = {
  ...envelopeOf({ type: 'Open', data: { owner: 'alice', currency: 'USD' } }, 'open'),
  actor: 'alice',
};
const decider: AnyDecider = { ...accountDecider, owner: (state: AccountState) => state.owner };

/** What Temporal knows of an entity: no run, one that ended, or the fold of an open one. */
type Run = 'none' | 'ended' | ((fold: Fold) => Fold);

interface Entity {
  readonly run: Run;
  readonly isStored: boolean;
  /** The outcomes in its snapshot, if it has one. */
  readonly snapshot?: Ring;
  /** The receipt that its workflow knows. */
  readonly recent?: RecentReceipt;
  readonly kept?: readonly KeptOutcome[];
  readonly isIndexed?: boolean;
}

/** An account that Alice has opened, in its store and as its workflow holds it. */
async function accountOfAlice() {
  const store = new MemoryEventStore();
  const logger = pino({ level: 'silent' });
  const activities = createEntityActivities({ decider, store, logger });
  const request = { stream, fold: emptyFold(decider), batch: [opening], now: moment(), searchStream: false };
  await activities.decideAndAppend(request);
  const fold = await foldOnwards(decider, store, stream, emptyFold(decider));
  const save = (ring: Ring) => activities.saveSnapshot({ stream, snapshot: { fold, ring } });
  return { store, fold, save };
}

/** A gateway to the account alone, which counts what its answers cost. */
async function gatewayTo({ run, isStored, snapshot, recent, kept = [], isIndexed = true }: Entity) {
  const cost = { queries: 0, reads: 0, index: 0, memory: 0 };
  const account = await accountOfAlice();
  if (snapshot) await account.save(snapshot);
  const held = isStored ? account.store : new MemoryEventStore();
  const store = {
    read: (name: string, options?: ReadOptions) => {
      cost.reads += 1;
      return held.read(name, options);
    },
  } as Partial<EventStore> as EventStore;
  const client = scriptedTemporal({
    queryWorkflow: async ({ query }: { query: { queryType: string } }) => {
      cost.queries += 1;
      if (run === 'none') throw new GrpcError(NOT_FOUND, 'workflow not found');
      if (run === 'ended') return { queryRejected: { status: COMPLETED } };
      const answer =
        query.queryType === RECEIPT_QUERY ? (recent ?? { status: 'unknown' }) : run(account.fold);
      return { queryResult: { payloads: [defaultPayloadConverter.toPayload(answer)] } };
    },
  });
  const index: CommandIndex = {
    find: async (_, ids) => {
      cost.index += 1;
      const { commandId } = opening;
      const found = isStored && ids.includes(commandId);
      const outcome = { status: 'accepted', commandId, revision: 0, events: ['AccountOpened'], at } as const;
      return { revision: isStored ? 0 : -1, commands: found ? [{ keyId: commandId, outcome }] : [] };
    },
  };
  const outcomeMemory = {
    find: async () => {
      cost.memory += 1;
      return kept;
    },
  } as Partial<OutcomeMemory> as OutcomeMemory;
  const commandIndexes = isIndexed ? { account: index } : {};
  const deciders = { account: decider };
  const gateway = createEntityGateway({ client, store, deciders, commandIndexes, outcomeMemory });
  return { gateway, cost };
}

/** Asks for the state on behalf of a caller. */
const partyNamed = (id: string | undefined) => (id === undefined ? undefined : { id, roles: [] });

async function ask(entity: Entity, onlyFor?: string) {
  const { gateway, cost } = await gatewayTo(entity);
  const live = await gateway.state(stream, partyNamed(onlyFor));
  return { live, cost: { queries: cost.queries, reads: cost.reads } };
}

const nothing: Entity = { run: 'none', isStored: false };
const aliceHas: [string, Entity][] = [
  ['is running', { run: (fold) => fold, isStored: true }],
  ['runs earlier code', { run: (fold) => ({ ...fold, stateVersion: -1 }), isStored: true }],
  ['rests', { run: 'ended', isStored: true }],
  ['rests and left a snapshot', { run: 'ended', isStored: true, snapshot: { entries: [] } }],
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

const { commandId } = envelopeOf({ type: 'Close', data: {} }, 'close');
const rejected = { status: 'rejected', commandId, actor: 'alice', revision: 0, code: 'NO', detail: '', at };
const ofAlice = rejected as Outcome;
const whole: Entity = { run: (fold) => fold, isStored: true };
const told: [string, Entity, string][] = [
  ['waits', { ...whole, recent: { status: 'pending', actor: 'alice' } }, commandId],
  ['was rejected just now', { ...whole, recent: ofAlice }, commandId],
  ['was accepted, as its stream tells', whole, opening.commandId],
  ['was accepted, as its events tell alone', { ...whole, isIndexed: false }, opening.commandId],
  [
    'was rejected, as a snapshot tells',
    { run: 'ended', isStored: true, snapshot: { entries: [{ outcome: ofAlice }] } },
    commandId,
  ],
  [
    'was rejected, as the memory tells',
    { ...whole, kept: [{ commandId, actor: 'alice', revision: 0, at, outcome: ofAlice }] },
    commandId,
  ],
];

describe('the receipt of a command that', () => {
  const receiptFor = async (entity: Entity, id: string, onlyFor?: string) => {
    const { gateway, cost } = await gatewayTo(entity);
    return { receipt: await gateway.receipt(stream, id, partyNamed(onlyFor)), cost };
  };

  it.each(told)('%s is shown to its sender, and to those who may see all', async (_, entity, id) => {
    for (const onlyFor of ['alice', undefined]) {
      expect((await receiptFor(entity, id, onlyFor)).receipt).toMatchObject({ commandId: id });
    }
  });

  it.each(told)('%s is to others none, and costs what any other costs', async (_, entity, id) => {
    const { isIndexed } = entity;
    const { cost } = await receiptFor(entity, 'never sent', 'bob');
    expect(await receiptFor(entity, id, 'bob')).toEqual({ receipt: undefined, cost });
    if (isIndexed !== false)
      expect(await receiptFor(nothing, id, 'bob')).toEqual({ receipt: undefined, cost });
  });

  it('somebody else sent is shown to the owner of the entity', async () => {
    const ofBob = { ...rejected, actor: 'bob' } as Outcome;
    expect((await receiptFor({ ...whole, recent: ofBob }, commandId, 'alice')).receipt).toEqual(ofBob);
    expect((await receiptFor({ ...whole, recent: ofBob }, commandId, 'bob')).receipt).toEqual(ofBob);
  });
});
