import { z } from 'zod';
import type { AccountEvent } from '#contracts/account/account.contract.js';
import { balance, currency, recordedAt, text } from '#contracts/fields.js';
import { notPersonal } from '#contracts/personal-data.js';
import { shown, viewTable } from '#contracts/view-table.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { defineView } from '#libs/core/view-definition.js';

/** One row per account. */
export const accountsTable = viewTable('accounts_v1', {
  key: ['tenant', 'id'],
  owner: 'id',
  indexes: ['btree (tenant, owner, id)', 'btree (tenant, status, id)'],
  fillfactor: 80,
  description: 'An account as the read model shows it, up to `revision`',
  row: {
    tenant: 'id',
    id: shown('id', notPersonal(z.string()).meta({ examples: ['alice'] })),
    status: shown('text', z.enum(['open', 'frozen', 'closed'])),
    owner: shown('text', text(200)),
    currency: shown('text', currency),
    balance: shown('bigint', balance),
    held: shown('bigint', balance),
    available: shown('bigint', balance),
    revision: shown('bigint', z.int().min(0)),
    openedAt: shown('timestamptz', recordedAt),
    updatedAt: shown('timestamptz', recordedAt),
  },
});

export interface ListedAccount {
  readonly status: 'open' | 'frozen' | 'closed';
  readonly owner: string;
  readonly currency: string;
  readonly balance: number;
  readonly held: number;
  readonly openedAt: string;
}

const tables = { accounts: accountsTable };

export const accountsView = defineView<ListedAccount | null, AccountEvent, typeof tables>({
  name: 'accounts',
  version: 1,
  category: 'account',
  tables,
  initialState: null,
  project(before, event) {
    const account = next(before, event);
    if (!account) return { state: before, rows: {} };
    const { tenant, entityId: id, revision, at: updatedAt } = event;
    const available = account.balance - account.held;
    return {
      state: account,
      rows: { accounts: [{ tenant, id, ...account, available, revision, updatedAt }] },
    };
  },
});

function next(before: ListedAccount | null, event: PublishedEvent<AccountEvent>): ListedAccount | null {
  if (event.type === 'AccountOpened') {
    const { owner, currency: opened } = event.data;
    return { status: 'open', owner, currency: opened, balance: 0, held: 0, openedAt: event.at };
  }
  return before && changed(before, event);
}

function changed(account: ListedAccount, event: AccountEvent): ListedAccount {
  switch (event.type) {
    case 'MoneyDeposited':
    case 'InterestCredited':
      return { ...account, balance: account.balance + event.data.amount };
    case 'DepositReversed':
    case 'MoneyWithdrawn':
      return { ...account, balance: account.balance - event.data.amount };
    case 'HoldPlaced':
    case 'WithdrawalRequested':
    case 'HoldRequested':
      return { ...account, held: account.held + event.data.amount };
    case 'HoldCaptured': {
      const { captured, released } = event.data;
      return { ...account, balance: account.balance - captured, held: account.held - captured - released };
    }
    case 'HoldReleased':
    case 'HoldExpired':
    case 'RequestApproved':
    case 'RequestRefused':
      return { ...account, held: account.held - event.data.amount };
    case 'AccountFrozen':
      return { ...account, status: 'frozen' };
    case 'AccountUnfrozen':
      return { ...account, status: 'open' };
    case 'AccountClosed':
      return { ...account, status: 'closed' };
    default:
      return account;
  }
}
