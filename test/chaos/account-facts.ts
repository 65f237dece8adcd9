import { EventStoreDBClient, START } from '@eventstore/db-client';
import type { Pool } from 'pg';
import type { BalanceFact, EventFact, RowFact, StateFact } from '../checkers/facts.js';
import { read } from '../support/account-rest.js';

/** Reads `$all` with the official client, and keeps the events of some streams. */
export async function eventsIn(url: string, isKept: (stream: string) => boolean): Promise<EventFact[]> {
  const client = EventStoreDBClient.connectionString(url.replace(/&keepAlive.*/, ''));
  const events: EventFact[] = [];
  for await (const { event } of client.readAll({ fromPosition: START })) {
    if (!event || !isKept(event.streamId)) continue;
    const { commandId, index, count } = event.metadata as unknown as EventFact;
    const data = event.data as EventFact['data'];
    const { id, type, streamId: stream, revision } = event;
    events.push({ stream, revision: Number(revision), id, type, data, commandId, index, count });
  }
  await client.dispose();
  return events;
}

/** The expected rows of an account, computed from its events alone. */
export function accountLedger(events: readonly EventFact[]) {
  const accounts = new Map<string, { balance: number; held: number; revision: number }>();
  const entries: RowFact[] = [];
  for (const { stream, revision, type, data } of events) {
    const id = stream.slice(stream.indexOf('.') + 1);
    const account = accounts.get(id) ?? { balance: 0, held: 0, revision: -1 };
    const amount = Number(data['amount'] ?? 0);
    if (type === 'MoneyDeposited') account.balance += amount;
    if (type === 'MoneyWithdrawn') account.balance -= amount;
    if (type === 'HoldPlaced') account.held += amount;
    account.revision = revision;
    accounts.set(id, account);
    if (type === 'AccountOpened') continue;
    const { balance, held } = account;
    entries.push({ table: 'statement', key: `${id}@${revision}`, row: { amount, balance, held } });
  }
  const states = [...accounts].map(([id, { revision, ...state }]): StateFact => {
    return { stream: `account-default.${id}`, revision, state };
  });
  const rows = [...accounts].map(([id, row]): RowFact => ({ table: 'accounts', key: id, row }));
  return { states, rows: [...rows, ...entries] };
}

/** The rows of both views, read with SQL. */
export async function accountRows(pool: Pool, prefix: string): Promise<RowFact[]> {
  const accounts = await pool.query<Record<string, string>>(
    'SELECT id, balance, held, revision FROM read_model.accounts_v1 WHERE starts_with(id, $1)',
    [prefix],
  );
  const entries = await pool.query<Record<string, string>>(
    `SELECT account_id, revision, amount, balance, held FROM read_model.statement_entries_v1
     WHERE starts_with(account_id, $1)`,
    [prefix],
  );
  return [
    ...accounts.rows.map(({ id = '', ...row }) => ({ table: 'accounts', key: id, row: numbers(row) })),
    ...entries.rows.map(({ account_id, revision, ...row }) => {
      return { table: 'statement', key: `${account_id}@${revision}`, row: numbers(row) };
    }),
  ];
}

/** The live state of every account, read through REST. */
export async function accountsAlive(url: string, accounts: readonly string[]): Promise<StateFact[]> {
  return Promise.all(
    accounts.map(async (id) => {
      const { body } = await read(`${url}/v1/accounts/${id}`);
      const { balance, held, revision } = body;
      return { stream: `account-default.${id}`, revision: Number(revision), state: { balance, held } };
    }),
  );
}

/** The balances in states or rows. */
export function balancesOf(facts: readonly { state: unknown; stream: string }[]): BalanceFact[] {
  return facts.map(({ stream, state }) => {
    return { stream, currency: 'EUR', balance: (state as { balance: number }).balance };
  });
}

function numbers(row: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, Number(value)]));
}
