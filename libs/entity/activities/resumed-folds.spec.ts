import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import type { AnyDecider } from '#libs/core/decider.js';
import type { DecideRequest, EntityActivities, LoadResult } from '#libs/entity/protocol/activity-messages.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { deposited, opened } from '../../../apps/account/src/domain/account.fixture.js';
import { activitiesByCategory } from './activities-by-category.js';
import { heartbeats } from './heartbeat.interceptor.js';
import { createEntityActivities } from './entity.activities.js';
import { saveSnapshot } from './snapshots.js';

const stream = 'account-default.one';
const now = moment();
const LAST = 1_500;

/** A store that takes its time with each event, and can be away from one on. */
class SlowStore extends MemoryEventStore {
  firstRead = -1;
  reads = 0;
  awayFrom = Infinity;

  override async *read(...args: Parameters<MemoryEventStore['read']>) {
    for await (const event of super.read(...args)) {
      if (event.stream === stream) {
        if (event.revision === this.awayFrom) throw new Error('away');
        if (this.reads === 0) this.firstRead = event.revision;
        this.reads += 1;
        await turn();
      }
      yield event;
    }
  }

  forgetReads(): void {
    this.reads = 0;
  }
}

let store: SlowStore;
beforeEach(async () => {
  store = new SlowStore();
  await store.append(
    stream,
    -1,
    historyOf(stream, [opened, ...Array.from({ length: LAST }, () => deposited(1))]),
  );
});

/** Of other rules than those that wrote a snapshot, and a deposit now and then rings a bell. */
const raised: AnyDecider = {
  ...accountDecider,
  stateVersion: accountDecider.stateVersion + 1,
  react: (event: { type: string }, state: { balance: number }) =>
    event.type === 'MoneyDeposited' && state.balance % 500 === 0
      ? [{ key: 'tell', action: { kind: 'call', call: 'bell', data: {} } }]
      : [],
};

/** An attempt on the way, with what it noted last. */
function attempt(run: (activities: EntityActivities) => Promise<unknown>, noted?: unknown) {
  const info = { heartbeatTimeoutMs: 8, heartbeatDetails: noted };
  const environment = new MockActivityEnvironment(info, {
    interceptors: [heartbeats],
    logger: new DefaultLogger('ERROR'),
  });
  const last = { details: noted };
  environment.on('heartbeat', (details: unknown) => (last.details = details));
  const own = createEntityActivities({ decider: raised, store, logger: pino({ level: 'silent' }) });
  const result = environment.run(() => run(activitiesByCategory({ account: own })));
  return { environment, last, result };
}

/** The result of an attempt that resumes where an earlier one failed. */
async function resumed<T>(run: (activities: EntityActivities) => Promise<T>, noted?: unknown): Promise<T> {
  store.awayFrom = 1_250;
  const first = attempt(run, noted);
  await expect(first.result).rejects.toThrow('away');
  store.awayFrom = Infinity;
  store.forgetReads();
  const second = attempt(run, JSON.parse(JSON.stringify(first.last.details ?? null)) ?? undefined);
  return (await second.result) as T;
}

const load = (activities: EntityActivities): Promise<LoadResult> => activities.loadEntity({ stream, now });
const whole = async () => (await attempt(load).result) as LoadResult;

describe('an attempt that follows an unfinished one', () => {
  const goesOn = () => {
    expect(store.firstRead).toBeGreaterThan(200);
    expect(store.reads).toBeLessThan(LAST - 200);
  };

  it('resumes where that one stopped and loads the same result', async () => {
    const expected = await whole();
    store.forgetReads();
    expect(await resumed(load)).toEqual(expected);
    expect(expected).toMatchObject({ fold: { revision: LAST }, effects: [{}, {}, {}] });
    goesOn();
  });

  it('loads the same with a snapshot whose fold is unusable', async () => {
    const { fold, ring, effects } = (await whole()) as Required<LoadResult>;
    const snapshot = { fold: { ...fold, stateVersion: 0 }, ring, effects: effects.slice(1) };
    const last = store.eventsOf(stream).at(-1);
    const hashed = [{ ...deposited(1), type: 'Noted' }];
    expect(last?.metadata.hash).toBeUndefined();
    await store.append(
      stream,
      LAST,
      historyOf('another', hashed).map((event) => ({
        ...event,
        metadata: { ...event.metadata, hash: 'a'.repeat(64) },
      })),
    );
    const saved = { ...snapshot, fold: { ...snapshot.fold, revision: LAST + 1, hash: 'a'.repeat(64) } };
    await saveSnapshot(store, { stream, snapshot: saved });
    const expected = await whole();
    expect(expected.effects).toEqual(effects.slice(1));
    store.forgetReads();
    expect(await resumed(load)).toEqual(expected);
    goesOn();
  });

  it.each(['loadEntity', 'decideAndAppend'] as const)(
    'refolds what was carried the same: %s',
    async (activity) => {
      const { fold } = (await whole()) as Required<LoadResult>;
      const carried = { ...fold, stateVersion: 0, revision: LAST - 100 };
      const batch = [envelopeOf({ type: 'Deposit', data: { amount: 1 } }, 'one')];
      const request: DecideRequest = { stream, fold: carried, batch, now, searchStream: false };
      const run = (activities: EntityActivities): Promise<{ fold?: unknown }> =>
        activity === 'loadEntity'
          ? activities.loadEntity({ stream, now, carried })
          : activities.decideAndAppend(request);
      store.forgetReads();
      const result = await resumed(run);
      expect(store.firstRead).toBeGreaterThan(200);
      const revision = activity === 'loadEntity' ? LAST - 100 : LAST + 1;
      expect(result.fold).toMatchObject({ revision, state: { balance: revision } });
    },
  );

  it('starts again when newer code has changed the meaning of a state', async () => {
    const { fold, ring } = (await whole()) as Required<LoadResult>;
    const noted = { fold: { ...fold, stateVersion: 0 }, ring, effects: [], toldUpTo: LAST };
    store.forgetReads();
    expect(await attempt(load, noted).result).toMatchObject({
      fold: { revision: LAST, state: { balance: LAST } },
    });
    expect(store.firstRead).toBe(0);
  });
});

it('an abandoned attempt stops reading', async () => {
  const { environment, result } = attempt(load);
  while (store.reads < 100) await turn();
  environment.cancel('TIMED_OUT');
  await expect(result).rejects.toThrow();
  expect(store.reads).toBeLessThan(200);
});
