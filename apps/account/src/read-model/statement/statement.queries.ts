import type { Pool } from 'pg';
import type { StatementEntry } from '#contracts/account/account.views.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import { decodeCursor, encodeCursor, type Page, toPage } from '#libs/read-model/page.js';
import { InvalidCursorError } from '#libs/read-model/read-model.errors.js';
import { statementView } from './statement.projection.js';

export interface StatementRange {
  /** At most this many entries. */
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly tenant?: string;
}

/** What was captured of holds, in one currency. */
export interface CapturedTotal {
  readonly currency: string;
  /** Minor units; a sum over accounts may be more than a number holds. */
  readonly amount: bigint;
  readonly captures: number;
}

/** Questions to the statements. */
export interface StatementQueries {
  /** A page of an account's statement, oldest first; empty for an account without one. Throws `InvalidCursorError`. */
  entries(accountId: string, range: StatementRange): Promise<Page<StatementEntry>>;
  /** All that was ever captured, by currency. */
  captured(tenant?: string): Promise<readonly CapturedTotal[]>;
}

export function createStatementQueries(pool: Pool): StatementQueries {
  return {
    entries: (accountId, range) => entries(pool, accountId, range),
    captured: (tenant = DEFAULT_TENANT) => captured(pool, tenant),
  };
}

const TABLE = `read_model.${statementView.tables.entries.name}`;

interface Found {
  readonly revision: string;
  readonly kind: StatementEntry['kind'];
  readonly amount: string;
  readonly currency: string;
  readonly balance: string;
  readonly held: string;
  readonly hold_id: string | null;
  readonly reference: string | null;
  readonly at: Date;
}

async function entries(
  pool: Pool,
  accountId: string,
  { limit, cursor, tenant = DEFAULT_TENANT }: StatementRange,
): Promise<Page<StatementEntry>> {
  const after = cursor === undefined ? -1 : lastRevision(cursor);
  const { rows } = await pool.query<Found>(
    `SELECT revision, kind, amount, currency, balance, held, hold_id, reference, at FROM ${TABLE}
     WHERE tenant = $1 AND account_id = $2 AND revision > $3 ORDER BY revision LIMIT $4`,
    [tenant, accountId, after, limit + 1],
  );
  return toPage(rows.map(toEntry), limit, ({ revision }) => encodeCursor(String(revision)));
}

async function captured(pool: Pool, tenant: string): Promise<readonly CapturedTotal[]> {
  const { rows } = await pool.query<{ currency: string; amount: string; captures: string }>(
    `SELECT currency, sum(amount) AS amount, count(*) AS captures FROM ${TABLE}
     WHERE tenant = $1 AND kind = 'hold-captured' GROUP BY currency ORDER BY currency`,
    [tenant],
  );
  return rows.map(({ currency, amount, captures }) => ({
    currency,
    amount: BigInt(amount),
    captures: Number(captures),
  }));
}

function lastRevision(cursor: string): number {
  const revision = decodeCursor(cursor);
  if (!/^\d{1,15}$/.test(revision)) throw new InvalidCursorError('the cursor is none of a statement');
  return Number(revision);
}

function toEntry(found: Found): StatementEntry {
  const { kind, currency, hold_id, reference, at } = found;
  const balance = Number(found.balance);
  const held = Number(found.held);
  return {
    revision: Number(found.revision),
    kind,
    amount: Number(found.amount),
    currency,
    balance,
    held,
    available: balance - held,
    ...(hold_id !== null && { holdId: hold_id }),
    ...(reference !== null && { reference }),
    at: at.toISOString(),
  };
}
