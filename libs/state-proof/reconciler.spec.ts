import { afterEach, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { register } from 'prom-client';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MemoryKafka } from '#libs/testing/memory-kafka.js';
import { startReconciler } from './reconciler.js';

let reconciler: ReturnType<typeof startReconciler> | undefined;

afterEach(() => reconciler?.close());

/** Tables that know of these streams and show nothing of them. */
function poolKnowing(...streams: readonly string[]): Pool {
  const nothing = () => undefined;
  const client = { query: async () => ({ rows: [] }), on: nothing, off: nothing, release: nothing };
  const query = async () => ({ rows: streams.map((stream) => ({ stream })) });
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

it('leaves an entity of very many events to the doctor, and counts that', async () => {
  const [short, long] = ['tally-default.short', 'tally-default.long'];
  const asked: string[] = [];
  let ask: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => (ask = resolve));
  const decider = {
    ...{ name: 'tally', stateVersion: 1, initialState: {} },
    decide: () => [],
    evolve: (state: object) => state,
  };
  reconciler = startReconciler({
    categories: [{ category: 'tally', decider, present: (state: object) => state, views: [] }],
    pool: poolKnowing(long, short),
    store: await storeWith({ [short]: 2, [long]: 20_001 }),
    kafka: new MemoryKafka(),
    live: {
      fold: async (stream) => {
        asked.push(stream);
        ask();
        return undefined;
      },
      refold: async () => undefined,
    },
    logger: pino({ level: 'silent' }),
    everySeconds: 0.001,
    entities: 10,
  });
  await isAsked;
  const leftOut = await register.getSingleMetric('perdure_entities_left_to_doctor_total')?.get();
  expect(leftOut?.values[0]?.value).toBeGreaterThan(0);
  expect(new Set(asked)).toEqual(new Set([short]));
});
