import type { Pool } from 'pg';
import type { AccountRow } from '#contracts/account/account.views.js';
import { DEFAULT_TENANT, isEntityId } from '#libs/decider/entity-id.js';
import { decodeCursor, encodeCursor, type Page, toPage } from '#libs/read-model/page.js';
import { InvalidCursorError } from '#libs/read-model/read-model.errors.js';
import { accountsView } from './accounts.projection.js';

export interface AccountsFilter {
  readonly status?: AccountRow['status'] | undefined;
  readonly owner?: string | undefined;
  /** At most this many rows. */
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly tenant?: string;
}

interface Found {
  readonly id: string;
  readonly status: AccountRow['status'];
  readonly owner: string;
  readonly currency: string;
  readonly balance: string;
  readonly held: string;
  readonly available: string;
  readonly revision: string;
  readonly opened_at: Date;
  readonly updated_at: Date;
}

/** Questions to the list of accounts. */
export interface AccountsQueries {
  /** A page in the order of the ids. Throws `InvalidCursorError`. */
  list(filter: AccountsFilter): Promise<Page<AccountRow>>;
}

export function createAccountsQueries(pool: Pool): AccountsQueries {
  return { list: (filter) => list(pool, filter) };
}

async function list(pool: Pool, filter: AccountsFilter): Promise<Page<AccountRow>> {
  const { status, owner, limit, cursor, tenant = DEFAULT_TENANT } = filter;
  const conditions = ['tenant = $1', 'id > $2'];
  const values: (string | number)[] = [tenant, cursor === undefined ? '' : lastId(cursor)];
  if (status !== undefined) conditions.push(`status = $${values.push(status)}`);
  if (owner !== undefined) conditions.push(`owner = $${values.push(owner)}`);
  const { rows } = await pool.query<Found>(
    `SELECT id, status, owner, currency, balance, held, available, revision, opened_at, updated_at
     FROM read_model.${accountsView.tables.accounts.name} WHERE ${conditions.join(' AND ')}
     ORDER BY id LIMIT $${values.push(limit + 1)}`,
    values,
  );
  return toPage(rows.map(toRow), limit, ({ id }) => encodeCursor(id));
}

function lastId(cursor: string): string {
  const id = decodeCursor(cursor);
  if (!isEntityId(id)) throw new InvalidCursorError('the cursor is none of this list');
  return id;
}

function toRow(found: Found): AccountRow {
  const { id, status, owner, currency, opened_at, updated_at } = found;
  return {
    id,
    status,
    owner,
    currency,
    balance: Number(found.balance),
    held: Number(found.held),
    available: Number(found.available),
    revision: Number(found.revision),
    openedAt: opened_at.toISOString(),
    updatedAt: updated_at.toISOString(),
  };
}
