import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { pino } from 'pino';
import type { Accepted } from '#libs/core/outcome.js';
import type { CommandIndex, IndexAnswer } from '#libs/entity/activities/command-index.js';
import type { AnyView } from '#libs/core/view-definition.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { isReached } from './command-stages.js';
import { StageFinder } from './stage-finder.js';

const STREAM = 'account-default.alice';
const [SENT, DECIDED, RELAYED, APPLIED] = ['00', '01', '02', '03'].map(
  (second) => `2026-01-01T00:00:${second}.000Z`,
);
const at = SENT!;
const outcome: Accepted = { status: 'accepted', commandId: 'c', revision: 0, events: ['Opened'], at };
const relayed = { partition: 3, offset: '17', at: RELAYED! };
const views = ['accounts', 'statement'].map((name) => ({ name, version: 1, category: 'account' }) as AnyView);

let store: MemoryEventStore;
let index: IndexAnswer | Error;
let rows: readonly Record<string, unknown>[] | Error;

beforeEach(async () => {
  store = new MemoryEventStore();
  const ids = { commandId: 'c', $correlationId: 'c', $causationId: 'c' };
  const times = { at, sentAt: SENT!, decidedAt: DECIDED! };
  const metadata = { ...ids, ...times, actor: 'tester', index: 0, count: 1, schemaVersion: 1 };
  await store.append(STREAM, -1, [{ id: 'e', type: 'Opened', data: {}, metadata }]);
  index = { revision: 0, commands: [{ keyId: 'c', outcome, relayed }] };
  rows = [
    { view: 'account.accounts.v1', revision: '0', parked: null, applied_at: new Date(APPLIED!) },
    { view: 'account.statement.v1', revision: '0', parked: null, applied_at: null },
  ];
});

function find(receipt: Parameters<StageFinder['find']>[1] = outcome) {
  const answer = <T>(value: T | Error): Promise<T> =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  const pool = { query: async () => ({ rows: await answer(rows) }) } as unknown as Pool;
  const readSides = { account: { index: { find: () => answer(index) } as CommandIndex, views } };
  return new StageFinder({ store, pool, readSides, logger: pino({ level: 'silent' }) }).find(STREAM, receipt);
}

describe('an accepted command', () => {
  it('has all stages at the end, with times where they are known', async () => {
    const stages = await find();
    expect(stages).toEqual({
      accepted: { state: 'done', at: SENT },
      decided: { state: 'done', outcome: 'accepted', at: DECIDED },
      appended: { state: 'done', revision: 0, at },
      relayed: { state: 'done', topic: 'perdure.account.events.v1', ...relayed },
      projected: [
        { view: 'accounts', state: 'done', at: APPLIED },
        { view: 'statement', state: 'done' },
      ],
    });
    expect(isReached(stages, 'projected')).toBe(true);
  });

  it('that is not relayed yet waits for that and for its views', async () => {
    index = { revision: -1, commands: [] };
    rows = [{ view: 'account.accounts.v1', revision: null, parked: null, applied_at: null }];
    const stages = await find();
    expect(stages.relayed).toEqual({ state: 'waiting' });
    expect(stages.projected.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    expect(isReached(stages, 'appended')).toBe(true);
    expect(isReached(stages, 'relayed')).toBe(false);
  });

  it('that views show before the index has seen it is still waited for', async () => {
    index = { revision: -1, commands: [] };
    const stages = await find();
    expect(stages.projected.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(isReached(stages, 'projected')).toBe(false);
  });

  it('is parked in a view that cannot continue with its entity', async () => {
    rows = [
      { view: 'account.accounts.v1', revision: '0', parked: '5', applied_at: null },
      { view: 'account.statement.v1', revision: null, parked: '0', applied_at: null },
    ];
    const stages = await find();
    expect(stages.projected.map(({ state }) => state)).toEqual(['done', 'parked']);
    expect(isReached(stages, 'projected')).toBe(true);
  });

  it('is reported as far as it is known while PostgreSQL is away', async () => {
    index = new Error('away');
    const stages = await find();
    expect(stages.appended).toEqual({ state: 'done', revision: 0, at });
    expect([stages.relayed, ...stages.projected].map(({ state }) => state)).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ]);
  });

  it('is reported without times while the store is away', async () => {
    store.setAway(true);
    const { accepted, decided, appended } = await find();
    expect([accepted, appended]).toEqual([{ state: 'done' }, { state: 'done', revision: 0 }]);
    expect(decided).toEqual({ state: 'done', outcome: 'accepted' });
  });
});

it('a rejected command is decided, and comes to nothing', async () => {
  const rejected = { status: 'rejected', commandId: 'c', revision: 0, code: 'NO', detail: '', at } as const;
  const stages = await find({ ...rejected, sentAt: SENT!, decidedAt: DECIDED! });
  expect(stages.accepted).toEqual({ state: 'done', at: SENT });
  expect(stages.decided).toEqual({ state: 'done', outcome: 'rejected', code: 'NO', at: DECIDED });
  expect([stages.appended, stages.relayed, ...stages.projected].every(({ state }) => state === 'never')).toBe(
    true,
  );
});

it('an older rejection without times is reported without them', async () => {
  const stages = await find({ status: 'rejected', commandId: 'c', revision: 0, code: 'NO', detail: '', at });
  expect(stages.accepted).toEqual({ state: 'done' });
  expect(stages.decided).toEqual({ state: 'done', outcome: 'rejected', code: 'NO' });
});

it('a command that waits is accepted, and nothing more', async () => {
  const stages = await find({ status: 'pending', commandId: 'c', sentAt: at });
  expect(stages.accepted).toEqual({ state: 'done', at });
  expect(isReached(stages, 'decided')).toBe(false);
});
