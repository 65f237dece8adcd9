import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AnyDecider } from '#libs/core/decider.js';
import type { Effect } from '#libs/core/effect.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import type { JsonObject } from '#libs/core/json.js';
import type { LoadResult } from '#libs/entity/protocol/activity-messages.js';
import type { PendingEffect, Snapshot } from '#libs/entity/protocol/entity-messages.js';
import { RING_SIZE } from '#libs/entity/protocol/outcome-ring.js';
import { envelopeOf, testId } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { deposited, opened } from '../../../apps/account/src/domain/account.fixture.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold, foldOnwards } from './fold-stream.js';
import { foldFromSnapshot, readSnapshot, saveSnapshot, snapshotStream } from './snapshots.js';

const stream = 'account-default.one';
const target = snapshotStream(stream);
const now = moment();
const logger = pino({ level: 'silent' });

/** Counts what is read of the entity's own stream. */
class CountingStore extends MemoryEventStore {
  seen = 0;

  override async *read(...args: Parameters<MemoryEventStore['read']>) {
    for await (const event of super.read(...args)) {
      if (event.stream === stream) this.seen += 1;
      yield event;
    }
  }
}

let store: CountingStore;
let whole: LoadResult;
let snapshot: Snapshot;
beforeEach(async () => {
  store = new CountingStore();
  const history = [opened, ...Array.from({ length: 50 }, () => deposited(1))];
  await store.append(stream, -1, historyOf(stream, history));
  await decide('first');
  whole = await load();
  snapshot = snapshotOf(whole);
  store.seen = 0;
});

const raised: AnyDecider = { ...accountDecider, stateVersion: accountDecider.stateVersion + 1 };

const activities = (decider: AnyDecider = accountDecider) =>
  createEntityActivities({ decider, store, logger });
const load = (decider?: AnyDecider) => activities(decider).loadEntity({ stream, now });
const folded = () => foldOnwards(accountDecider, store, stream, emptyFold(accountDecider));
const save = (of: Snapshot) => saveSnapshot(store, { stream, snapshot: of });
const snapshotOf = ({ fold = emptyFold(accountDecider), ring = { entries: [] } }: LoadResult): Snapshot => ({
  fold,
  ring,
});

async function decide(...names: readonly string[]) {
  const batch = names.map((name) =>
    envelopeOf({ type: 'Deposit', data: { amount: 1 } }, name, { key: name }),
  );
  return activities().decideAndAppend({ stream, fold: await folded(), batch, now, searchStream: false });
}

/** Puts another event where the snapshot is. */
async function overwrite(data: JsonObject, as: { readonly id?: string } = {}): Promise<void> {
  const revision = store.eventsOf(target).length - 1;
  for (const event of historyOf(target, [{ type: 'Snapshot', data }])) {
    await store.append(target, revision, [{ ...event, ...as }]);
  }
}

describe('an entity that is loaded from a snapshot', () => {
  it('has the state of its whole stream, and reads only the events after the snapshot', async () => {
    await save(snapshot);
    expect(await load()).toEqual({ ...whole, snapshotRevision: 51, snapshotBytes: expect.any(Number) });
    expect(store.seen).toBe(1);
    await decide('later');
    store.seen = 0;
    const { fold, ring } = await load();
    expect(store.seen).toBe(2);
    expect(fold).toEqual(await folded());
    expect(ring?.entries.slice(0, -1)).toEqual(whole.ring?.entries);
    expect(ring?.entries.at(-1)?.outcome).toMatchObject({ status: 'accepted', revision: 52 });
    expect(await foldFromSnapshot(accountDecider, store, stream)).toEqual(fold);
  });

  it('remembers what is not in the stream', async () => {
    const rejected = { status: 'rejected', code: 'NO', detail: '', revision: 51, at: now } as const;
    const entry = { keyId: 'k', outcome: { ...rejected, commandId: 'c' }, unkept: true } as const;
    const ring = { entries: [entry], evictedUpTo: now };
    await save({ ...snapshot, ring });
    expect((await load()).ring).toEqual(ring);
    await decide('later');
    expect((await load()).ring).toMatchObject({ entries: [entry, {}], evictedUpTo: now });
  });

  it('knows that a full ring has dropped outcomes for later events', async () => {
    const entries = Array.from({ length: RING_SIZE }, (_, index) => {
      const outcome = {
        status: 'accepted',
        commandId: `c-${index}`,
        revision: 0,
        events: [],
        at: now,
      } as const;
      return { outcome };
    });
    await save({ ...snapshot, ring: { entries } });
    await decide('later');
    const { ring } = await load();
    expect(ring?.entries).toHaveLength(RING_SIZE);
    expect(ring?.evictedUpTo).toBe(now);
  });

  it('does what was not known to be done, and nothing else again', async () => {
    const asked: Effect = { key: 'tell', action: { kind: 'call', call: 'bell', data: {} } };
    const effect: PendingEffect = {
      ...asked,
      id: `${stream}@3/tell`,
      correlationId: 'c',
      causationId: 'c',
    };
    await save({ ...snapshot, effects: [effect] });
    const react = () => [asked];
    expect((await load({ ...accountDecider, react })).effects).toEqual([effect]);
    expect((await load({ ...raised, react })).effects).toEqual([effect]);
  });

  it('folds the whole stream when its state has another version, and remembers all the same', async () => {
    const edited = { ...snapshot.fold, state: { ...snapshot.fold.state, balance: 1 } };
    await save({ ...snapshot, fold: edited });
    const loaded = await load(raised);
    expect(store.seen).toBe(53);
    expect(loaded.fold).toEqual({ ...(await folded()), stateVersion: raised.stateVersion });
    expect(loaded.ring).toEqual(whole.ring);
  });
});

describe('a snapshot is passed over', () => {
  const isPassedOver = async () => {
    expect(await readSnapshot(store, stream)).toBeUndefined();
    expect(await load()).toEqual(whole);
  };

  it('when the stream does not reach so far', async () => {
    await save({ ...snapshot, fold: { ...snapshot.fold, revision: 52 } });
    await isPassedOver();
  });

  it('when its hash is not that of the stream', async () => {
    await save({ ...snapshot, fold: { ...snapshot.fold, hash: 'f'.repeat(64) } });
    await isPassedOver();
  });

  it('when the event at its revision has no hash', async () => {
    const fold = await foldOnwards(accountDecider, store, stream, emptyFold(accountDecider));
    await save({ ...snapshot, fold: { ...fold, revision: 50 } });
    await isPassedOver();
  });

  it('when it is not as it was written', async () => {
    await save(snapshot);
    const [event] = store.eventsOf(target);
    const edited = { ...snapshot.fold, state: { ...snapshot.fold.state, balance: 1_000_000 } };
    await overwrite({ ...snapshot, fold: edited } as unknown as JsonObject, { id: event?.id ?? '' });
    await isPassedOver();
  });

  it('when it is of another shape, and is written over', async () => {
    await overwrite({ other: true });
    await isPassedOver();
    expect(await save(snapshot)).toMatchObject({ isSaved: true });
    expect(await readSnapshot(store, stream)).toEqual(snapshot);
  });
});

describe('a large snapshot', () => {
  /** As long as an id may be, and as hard to compress. */
  const longId = (seed: string) => `${testId(seed)}${testId(`${seed} 2`)}`.padEnd(100, testId(seed));
  const holds = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ holdId: longId(`h ${index}`), amount: 1 }));
  const entries = Array.from({ length: RING_SIZE }, (_, index) => {
    const commandId = testId(`c ${index}`);
    return {
      outcome: { status: 'accepted', commandId, revision: index, events: ['MoneyDeposited'], at: now },
    } as const;
  });
  const large = (count: number): Snapshot => ({
    fold: { ...snapshot.fold, state: { ...snapshot.fold.state, holds: holds(count) } },
    ring: { entries },
  });

  it('takes less of the store than it holds, and comes back whole', async () => {
    const { isSaved, bytes = 0 } = await save(large(3_000));
    expect(isSaved).toBe(true);
    expect(jsonBytes(large(3_000))).toBeGreaterThan(500_000);
    expect(bytes).toBeLessThan(jsonBytes(large(3_000)) / 2);
    expect(await readSnapshot(store, stream)).toEqual(large(3_000));
    expect((await load()).snapshotBytes).toBe(bytes);
  });

  it('leaves out older outcomes to fit, and records that', async () => {
    const texts = Array.from({ length: 690 }, () => randomBytes(800).toString('hex'));
    const fold = { ...snapshot.fold, state: { ...snapshot.fold.state, texts } };
    const sentAt = moment(1);
    const incompressible = entries.map(({ outcome }, index) => {
      const events = [randomBytes(400).toString('base64')];
      return { outcome: { ...outcome, events }, ...(index === 0 && { sentAt }) };
    });
    expect(await save({ fold, ring: { entries: incompressible } })).toMatchObject({ isSaved: true });
    const { ring, ...rest } = (await readSnapshot(store, stream)) as Snapshot;
    expect(rest).toEqual({ fold });
    expect(ring.entries.length).toBeGreaterThan(100);
    expect(ring).toEqual({ entries: incompressible.slice(-ring.entries.length), evictedUpTo: sentAt });
  });

  it('whose state no event can take is not saved', async () => {
    const text = randomBytes(1_500_000).toString('base64');
    const fold = { ...snapshot.fold, state: { ...snapshot.fold.state, text } };
    expect(await save({ ...snapshot, fold })).toEqual({ isSaved: false });
    expect(store.eventsOf(target)).toEqual([]);
  });
});

describe('the snapshot reported to a run', () => {
  it('is absent after a fold that could not use it, so another one is written soon', async () => {
    await save(snapshot);
    expect(await load(raised)).toMatchObject({ snapshotRevision: -1 });
    expect(await load(raised)).not.toHaveProperty('snapshotBytes');
    const carried = { ...snapshot.fold, stateVersion: 0 };
    expect(await activities().loadEntity({ stream, now, carried })).toMatchObject({ snapshotRevision: -1 });
  });
});

describe('saving a snapshot', () => {
  const shown = async () => {
    const seen = [];
    for await (const { metadata } of store.read(target)) seen.push(metadata.commandId);
    return seen;
  };

  it('leaves one in the stream, the latest', async () => {
    await save(snapshot);
    await decide('later');
    await save(snapshotOf(await load()));
    expect(await shown()).toEqual([`${target}@52`]);
    await save(snapshot);
    expect(await shown()).toEqual([`${target}@52`]);
  });

  it('of an entity that was woken for nothing writes nothing', async () => {
    await save(snapshot);
    await save(snapshotOf(await load()));
    expect(store.eventsOf(target)).toHaveLength(1);
  });

  it('is given up when the store refuses it, and can be repeated when its outcome is unknown', async () => {
    store.failNext('refused');
    expect(await save(snapshot)).toEqual({ isSaved: false });
    store.failNext('lost-after-write');
    await expect(save(snapshot)).rejects.toThrow();
    expect(await save(snapshot)).toMatchObject({ isSaved: true });
    expect(store.eventsOf(target)).toHaveLength(1);
    expect(await readSnapshot(store, stream)).toEqual(snapshot);
  });
});
