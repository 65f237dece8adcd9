import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { available, type AccountState } from '../../apps/account/src/domain/account.state.js';
import {
  accountsTable,
  accountsView,
} from '../../apps/account/src/read-model/accounts/accounts.projection.js';
import { accountList } from '../../apps/account/src/read-model/accounts/accounts.queries.js';
import {
  statementTable,
  statementView,
} from '../../apps/account/src/read-model/statement/statement.projection.js';
import { accountStatement } from '../../apps/account/src/read-model/statement/statement.queries.js';
import type { AccountCommand, AccountEvent } from '#contracts/account/account.contract.js';
import { eventsTopic } from '#contracts/entity-contract.js';
import { isRejection } from '#libs/core/rejection.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { InvalidCursorError } from '#libs/read-model/read-model.errors.js';
import { startProjector, type RunningProjector } from '#libs/read-model/start-projector.js';
import { revisionOf, waitForRevision } from '#libs/read-model/view-revision.js';
import type { AnyView } from '#libs/core/view-definition.js';
import { seededRandom } from '../support/seeded-random.js';
import { logger, newCategory, newEvent, openKafka, openPool, publish, recorded } from './read-path-kit.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);
const category = newCategory();
const tenant = randomUUID().slice(0, 8);
const topic = eventsTopic(category);
// The account's own views and tables, fed from a topic of this test alone.
const views: readonly AnyView[] = [accountsView, statementView].map((view) => ({ ...view, category }));

let kafka: Kafka;
let pool: Pool;
let projector: RunningProjector;
const history: RecordedEvent[] = [];
const states = new Map<
  string,
  { state: AccountState; revision: number; openedAt: string; updatedAt: string }
>();

beforeAll(async () => {
  process.stdout.write(`account views seed ${seed}\n`);
  kafka = openKafka();
  pool = openPool();
  await kafka.ensureTopics([eventTopicSpec(category)]);
  // Nothing is missing on this topic, so nothing is read from the store.
  const store = {} as EventStore;
  projector = startProjector({ kafka, pool, store, views, groupPrefix: category, logger });
  for (let index = 0; index < 60; index++) live(`a${index}`);
  for (let from = 0; from < history.length; from += 200) {
    await publish(kafka, topic, history.slice(from, from + 200));
  }
  await Promise.all(
    [...states].flatMap(([id, { revision }]) =>
      views.map(async (view) => {
        expect(await waitForRevision(pool, view, stream(id), revision, 30_000)).toBe(revision);
      }),
    ),
  );
}, 60_000);

afterAll(async () => {
  await projector.close();
  await kafka.close();
  await pool.end();
});

const stream = (id: string): string => `${category}-${tenant}.${id}`;
const upTo = (max: number): number => 1 + Math.floor(random() * max);

/** A random life of an account, decided by its real rules. */
function live(id: string): void {
  let state = accountDecider.initialState;
  const times: string[] = [];
  const owner = `owner${Math.floor(random() * 5)}`;
  const commands: (() => Pick<AccountCommand, 'type' | 'data'>)[] = [
    () => ({ type: 'Deposit', data: { amount: upTo(1_000), reference: 'in' } }),
    () => ({ type: 'Withdraw', data: { amount: upTo(500) } }),
    () => ({
      type: 'ReverseDeposit',
      data: { deposit: `d${upTo(99)}`, amount: upTo(200), reason: 'sent twice', deposited: 200 },
    }),
    () => ({
      type: 'PlaceHold',
      data: { holdId: `h${upTo(50)}`, amount: upTo(300), reference: `order ${upTo(9)}` },
    }),
    () => ({ type: 'CaptureHold', data: { holdId: state.holds[0]?.holdId ?? 'h1', amount: upTo(300) } }),
    () => ({ type: 'ReleaseHold', data: { holdId: state.holds.at(-1)?.holdId ?? 'h1' } }),
    () => ({ type: 'Freeze', data: { reason: 'a check' } }),
    () => ({ type: 'Unfreeze', data: { reason: 'all well' } }),
    () => ({ type: 'Close', data: {} }),
  ];
  const start: Pick<AccountCommand, 'type' | 'data'> = { type: 'Open', data: { owner, currency: 'EUR' } };
  for (let step = 0; step < 40; step++) {
    const at = Date.UTC(2026, 0, 1, 0, step);
    const command = step === 0 ? start : commands[Math.floor(random() * commands.length)]!();
    const decided = accountDecider.decide({ ...command, at: toTimestamp(at) } as AccountCommand, state);
    if (isRejection(decided)) continue;
    for (const event of decided) {
      state = accountDecider.evolve(state, event);
      const revision = times.push(toTimestamp(at)) - 1;
      history.push(recorded(stream(id), revision, newEvent(event.type, event.data, at)));
    }
  }
  states.set(id, { state, revision: times.length - 1, openedAt: times[0]!, updatedAt: times.at(-1)! });
}

describe('the list of accounts', () => {
  const list = (query: Readonly<Record<string, unknown>>, page: { limit: number; cursor?: string }) =>
    accountList.find(pool, { id: '', query, tenant, ...page });

  async function everyPage(filter: { status?: 'open' | 'frozen' | 'closed'; owner?: string }, limit: number) {
    const found = [];
    let cursor: string | undefined;
    do {
      const page = await list(filter, { limit, ...(cursor !== undefined && { cursor }) });
      expect(page.data.length).toBeLessThanOrEqual(limit);
      found.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }

  test('shows each account as its rules see it, page by page in one order', async () => {
    const expected = [...states]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { state, revision, openedAt, updatedAt }]) => {
        const { status, owner, currency, balance, held } = state;
        return {
          id,
          status,
          owner,
          currency,
          balance,
          held,
          available: available(state),
          revision,
          openedAt,
          updatedAt,
        };
      });
    for (const limit of [7, 60, 100]) expect(await everyPage({}, limit)).toEqual(expected);
    for (const row of expected) expect(accountsTable.item.safeParse(row).success).toBe(true);
  });

  test('is filtered by status and owner', async () => {
    for (const status of ['open', 'frozen', 'closed'] as const) {
      const ids = [...states].filter(([, { state }]) => state.status === status).map(([id]) => id);
      expect((await everyPage({ status }, 5)).map(({ id }) => id)).toEqual(ids.sort());
    }
    const both = [...states].filter(([, { state }]) => state.status === 'open' && state.owner === 'owner1');
    expect((await everyPage({ status: 'open', owner: 'owner1' }, 2)).map(({ id }) => id)).toEqual(
      both.map(([id]) => id).sort(),
    );
    expect(await everyPage({ owner: "o'; DROP TABLE" }, 5)).toEqual([]);
  });

  test.each(['', 'x', '!!', Buffer.from('1.no id/').toString('base64url')])(
    'refuses the cursor %j',
    async (cursor) => {
      await expect(list({}, { limit: 5, cursor })).rejects.toThrow(InvalidCursorError);
    },
  );
});

describe('the statement', () => {
  const entries = (id: string, page: { limit: number; cursor?: string }) =>
    accountStatement.find(pool, { id, query: {}, tenant, ...page });

  test('has a line for each event that moved money, and runs to the balance', async () => {
    for (const [id, { state }] of states) {
      const moves = history.filter(
        (event) => event.stream === stream(id) && /^(Money|Hold|Deposit)/.test(event.type),
      );
      const lines = [];
      let cursor: string | undefined;
      do {
        const page = await entries(id, { limit: 6, ...(cursor !== undefined && { cursor }) });
        lines.push(...page.data);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(lines.map(({ revision }) => revision)).toEqual(moves.map(({ revision }) => revision));
      for (const line of lines) {
        expect(statementTable.item.safeParse(line).success).toBe(true);
        const then = foldUpTo(id, line.revision);
        expect(line).toMatchObject({ balance: then.balance, held: then.held, available: available(then) });
      }
      if (lines.length > 0) expect(lines.at(-1)).toMatchObject({ balance: state.balance, held: state.held });
    }
  });

  test('is empty for an unknown account', async () => {
    expect(await entries('nobody', { limit: 5 })).toEqual({ data: [] });
  });

  test.each(['x', Buffer.from('1.-1').toString('base64url')])('refuses the cursor %j', async (cursor) => {
    await expect(entries('a1', { limit: 5, cursor })).rejects.toThrow(InvalidCursorError);
  });
});

describe('reading your own writes', () => {
  test('waits for a revision, for as long as it may', async () => {
    const [view] = views as [AnyView];
    const shown = states.get('a1')!.revision;
    expect(await revisionOf(pool, view, stream('a1'))).toBe(shown);
    expect(await revisionOf(pool, view, stream('nobody'))).toBe(-1);
    const at = performance.now();
    expect(await waitForRevision(pool, view, stream('a1'), shown + 1, 200)).toBe(shown);
    expect(performance.now() - at).toBeGreaterThan(190);
    expect(performance.now() - at).toBeLessThan(20_000);
  });
});

function foldUpTo(id: string, revision: number): AccountState {
  return history
    .filter((event) => event.stream === stream(id) && event.revision <= revision)
    .reduce<AccountState>(
      (state, event) => accountDecider.evolve(state, event as unknown as AccountEvent),
      accountDecider.initialState,
    );
}
