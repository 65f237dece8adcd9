import type { Pool } from 'pg';
import type { AccountRow } from '#contracts/account/account.views.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import { findPage } from '#libs/read-model/list-query.js';
import { decodeIdCursor, encodeCursor, type Page } from '#libs/read-model/page.js';
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
  return findPage(pool, {
    select: `SELECT * FROM read_model.${accountsView.tables.accounts.name}`,
    where: [
      ['tenant = ?', tenant],
      ['id > ?', decodeIdCursor(cursor)],
      ['status = ?', status],
      ['owner = ?', owner],
    ],
    orderBy: 'id',
    limit,
    toItem: toRow,
    cursorOf: ({ id }) => encodeCursor(id),
  });
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
