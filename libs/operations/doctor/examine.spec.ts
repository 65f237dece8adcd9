import { describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { pino } from 'pino';
import type { AnyDecider } from '#libs/core/decider.js';
import type { LiveEntities } from '#libs/entity/gateway/live-entities.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MemoryKafka } from '#libs/testing/memory-kafka.js';
import type { DoctorReport } from './doctor.schemas.js';
import { noteDrift, recentDrift, recentlyProven } from '../proof/recent-drift.js';
import { examine } from './examine.js';

const stream = 'tally-default.one';
const state = { sum: 1 };
const fold = { revision: 0, stateVersion: 1, state };

type Answer = Awaited<ReturnType<LiveEntities['fold']>>;

/** The doctor's count for one entity that gives these answers, the last one repeatedly. */
const reportOn = (...answers: readonly Answer[]) => reportOnRules({}, async () => undefined, ...answers);

async function reportOnRules(
  rules: Partial<AnyDecider>,
  wake: () => Promise<void>,
  ...answers: readonly Answer[]
): Promise<DoctorReport[]> {
  const left = [...answers];
  const store = new MemoryEventStore();
  await store.append(stream, -1, historyOf(stream, [{ type: 'Added', data: {} }]));
  const nothing = () => undefined;
  const client = { query: async () => ({ rows: [] }), on: nothing, off: nothing, release: nothing };
  const tally = { name: 'tally', stateVersion: 1, initialState: {}, decide: () => [], evolve: () => state };
  const decider = { ...tally, ...rules };
  const dependencies = {
    categories: [{ category: 'tally', decider, present: (shown: object) => shown, views: [] }],
    pool: { connect: async () => client } as unknown as Pool,
    store,
    kafka: new MemoryKafka(),
    live: {
      fold: async () => (left.length > 1 ? left.shift() : left[0]),
      refold: async () => undefined,
      wake,
    },
    logger: pino({ level: 'silent' }),
  };
  const reports: DoctorReport[] = [];
  for await (const line of examine(dependencies, { stream, heal: true })) {
    if (line.kind === 'report') reports.push(line.report);
  }
  return reports;
}

it.each([
  ['runs and answers', fold, { live: 1, silent: 0 }],
  ['does not run', undefined, { live: 0, silent: 0 }],
  ['does not answer', 'silent', { live: 0, silent: 1 }],
] as const)('an entity that %s is counted as such', async (_, answer, counts) => {
  expect(await reportOn(answer)).toMatchObject([{ entities: 1, drift: 0, ...counts }]);
});

it('a difference is not taken for healed because its entity does not answer any more', async () => {
  const wrong = { ...fold, state: { sum: 7 } };
  expect(await reportOn(wrong, wrong, 'silent')).toMatchObject([{ drift: 1, healed: 0, silent: 0 }]);
  expect(await reportOn(wrong, wrong, fold)).toMatchObject([{ drift: 1, healed: 1 }]);
});

it('an entity of which no difference is left settles what was found before, except on its topic', async () => {
  const found = { stream, detail: '', healed: false };
  noteDrift({ ...found, kind: 'row' });
  noteDrift({ ...found, kind: 'topic' });
  await reportOn('silent');
  expect(recentDrift()).toHaveLength(2);
  expect(await reportOn(fold)).toMatchObject([{ drift: 0 }]);
  expect(recentDrift()).toMatchObject([{ kind: 'topic' }]);
  expect(recentlyProven()).toMatchObject([{ stream }]);
});

describe('an entity that does not run', () => {
  const mustRun = ({ sum }: { sum: number }) => sum === 1;

  it('and has to is started, once that was seen twice', async () => {
    let woken = 0;
    const wake = async () => void (woken += 1);
    const gone = [undefined, undefined] as const;
    expect(await reportOnRules({ mustRun }, wake, ...gone, fold)).toMatchObject([{ drift: 1, healed: 1 }]);
    expect(woken).toBe(1);
    expect(await reportOnRules({ mustRun }, wake, undefined, fold)).toMatchObject([{ drift: 0 }]);
    expect(await reportOnRules({ mustRun }, wake, undefined)).toMatchObject([{ drift: 1, healed: 0 }]);
    expect(woken).toBe(2);
  });

  it('is healed as soon as it runs, even if it is still being loaded', async () => {
    const gone = [undefined, undefined] as const;
    const wake = async () => undefined;
    expect(await reportOnRules({ mustRun }, wake, ...gone, 'loading')).toMatchObject([
      { drift: 1, healed: 1 },
    ]);
  });

  it('is left alone if it need not run, or does not answer', async () => {
    const wake = () => Promise.reject(new Error('it is woken'));
    const ended = { mustRun: () => false };
    expect(await reportOnRules(ended, wake, undefined)).toMatchObject([{ drift: 0 }]);
    expect(await reportOnRules({ mustRun }, wake, 'silent')).toMatchObject([{ drift: 0, silent: 1 }]);
  });
});
