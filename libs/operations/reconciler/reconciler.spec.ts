import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { register } from 'prom-client';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MemoryKafka } from '#libs/testing/memory-kafka.js';
import { type ReconcilerOptions, startReconciler } from './reconciler.js';

let reconciler: ReturnType<typeof startReconciler> | undefined;

afterEach(() => reconciler?.close());

/** Tables that know these streams and show nothing of them. */
function poolKnowing(streams: readonly string[], onAsked: () => void = () => undefined): Pool {
  const nothing = () => undefined;
  const client = { query: async () => ({ rows: [] }), on: nothing, off: nothing, release: nothing };
  const query = async (_: string, [, after, limit]: [string, string, number]) => {
    onAsked();
    const rows = streams.filter((stream) => stream > after).map((stream) => ({ stream }));
    return { rows: rows.slice(0, limit) };
  };
  return { query, connect: async () => client } as unknown as Pool;
}

async function storeWith(counts: Readonly<Record<string, number>>): Promise<MemoryEventStore> {
  const store = new MemoryEventStore();
  for (const [stream, count] of Object.entries(counts)) {
    const events = historyOf(
      stream,
      Array.from({ length: count }, () => ({ type: 'Added', data: {} })),
    );
    for (let from = 0; from < count; from += 1_000)
      await store.append(stream, from - 1, events.slice(from, from + 1_000));
  }
  return store;
}

async function valueOf(metric: string): Promise<number> {
  return (await register.getSingleMetric(metric)?.get())?.values[0]?.value ?? 0;
}

/** Runs the reconciler on tallies until this many entities were asked, and returns them. */
async function reconcile(
  options: Pick<ReconcilerOptions, 'pool' | 'store'> & Partial<ReconcilerOptions>,
  count: number,
  { fold, evolve }: { readonly fold?: () => Fold | undefined; readonly evolve?: () => void } = {},
): Promise<readonly string[]> {
  const asked: string[] = [];
  let enough: () => void = () => undefined;
  const isEnough = new Promise<void>((resolve) => (enough = resolve));
  const decider = {
    ...{ name: 'tally', stateVersion: 1, initialState: {} },
    decide: () => [],
    evolve: (state: object) => {
      evolve?.();
      return state;
    },
  };
  reconciler = startReconciler({
    categories: [{ category: 'tally', decider, present: (state: object) => state, views: [] }],
    kafka: new MemoryKafka(),
    live: {
      fold: async (stream) => {
        asked.push(stream);
        if (asked.length === count) enough();
        return fold?.();
      },
      refold: async () => undefined,
      wake: async () => undefined,
    },
    logger: pino({ level: 'silent' }),
    everySeconds: 0.001,
    entities: 10,
    ...options,
  });
  await isEnough;
  await reconciler.close();
  return asked;
}

it('leaves an entity of very many events to the doctor, and counts that', async () => {
  const [short, long] = ['tally-default.short', 'tally-default.long'];
  const store = await storeWith({ [short]: 2, [long]: 20_001 });
  const asked = await reconcile({ pool: poolKnowing([long, short]), store }, 1);
  expect(await valueOf('perdure_entities_left_to_doctor_total')).toBeGreaterThan(0);
  expect(new Set(asked)).toEqual(new Set([short]));
});

it('stops when the time of a round is used up, and resumes there', async () => {
  const streams = ['a', 'b', 'c', 'd', 'e'].map((id) => `tally-default.${id}`);
  const seen: string[] = [];
  let time = 0;
  const clock = { now: () => time, rest: () => turn() };
  const pool = poolKnowing(streams, () => seen.push('round'));
  const store = await storeWith(Object.fromEntries(streams.map((stream) => [stream, 1])));
  const put = await valueOf('perdure_entities_put_off_total');
  const fold = (): undefined => {
    // What each takes of the three seconds of a round.
    time += 2_000;
    seen.push('entity');
  };
  const asked = await reconcile({ pool, store, clock }, 7, { fold });
  expect(asked.slice(0, 7)).toEqual([...streams, ...streams.slice(0, 2)]);
  const rounds = seen.join(' ').split('round').slice(1, 4);
  expect(rounds.map((round) => round.trim().split(' ').length)).toEqual([2, 1, 2]);
  expect(await valueOf('perdure_entities_put_off_total')).toBeGreaterThan(put);
});

it('leaves the event loop to others while it folds a long stream', async () => {
  const stream = 'tally-default.large';
  const EVENTS = 2_000;
  const store = await storeWith({ [stream]: EVENTS });
  let [time, folded, longest] = [0, 0, 0];
  const clock = {
    now: () => (time += 1),
    rest: async () => {
      longest = Math.max(longest, folded);
      folded = 0;
      await turn();
    },
  };
  const fold = (): Fold => ({ revision: EVENTS - 1, stateVersion: 1, state: {} });
  await reconcile({ pool: poolKnowing([stream]), store, clock }, 2, { fold, evolve: () => (folded += 1) });
  // A piece is ten milliseconds, and each reading of this clock adds one.
  expect(longest).toBeGreaterThan(0);
  expect(longest).toBeLessThanOrEqual(10);
});
