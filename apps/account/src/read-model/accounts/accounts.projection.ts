import type { AccountEvent } from '#contracts/account/account.contract.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { defineView } from '#libs/core/view-definition.js';

export interface ListedAccount {
  readonly status: 'open' | 'frozen' | 'closed';
  readonly owner: string;
  readonly currency: string;
  readonly balance: number;
  readonly held: number;
  readonly openedAt: string;
}

const tables = {
  accounts: {
    name: 'accounts_v1',
    key: ['tenant', 'id'],
    owner: 'id',
    columns: {
      tenant: 'text',
      id: 'text',
      status: 'text',
      owner: 'text',
      currency: 'text',
      balance: 'bigint',
      held: 'bigint',
      available: 'bigint',
      revision: 'bigint',
      opened_at: 'timestamptz',
      updated_at: 'timestamptz',
    },
  },
} as const;

/** The list of accounts: a row each. */
export const accountsView = defineView<ListedAccount | null, AccountEvent, typeof tables>({
  name: 'accounts',
  version: 1,
  category: 'account',
  tables,
  initialState: null,
  project(before, event) {
    const account = next(before, event);
    if (!account) return { state: before, rows: {} };
    const { openedAt, ...shown } = account;
    const row = {
      tenant: event.tenant,
      id: event.entityId,
      ...shown,
      available: account.balance - account.held,
      revision: event.revision,
      opened_at: openedAt,
      updated_at: event.at,
    };
    return { state: account, rows: { accounts: [row] } };
  },
});

function next(before: ListedAccount | null, event: PublishedEvent<AccountEvent>): ListedAccount | null {
  if (event.type === 'AccountOpened') {
    const { owner, currency } = event.data;
    return { status: 'open', owner, currency, balance: 0, held: 0, openedAt: event.at };
  }
  return before && changed(before, event);
}

type LaterEvent = Exclude<AccountEvent, { type: 'AccountOpened' }>;

function changed(account: ListedAccount, event: LaterEvent): ListedAccount {
  const { balance, held } = account;
  switch (event.type) {
    case 'MoneyDeposited':
      return { ...account, balance: balance + event.data.amount };
    case 'MoneyWithdrawn':
      return { ...account, balance: balance - event.data.amount };
    case 'HoldPlaced':
      return { ...account, held: held + event.data.amount };
    case 'HoldCaptured': {
      const { captured, released } = event.data;
      return { ...account, balance: balance - captured, held: held - captured - released };
    }
    case 'HoldReleased':
    case 'HoldExpired':
      return { ...account, held: held - event.data.amount };
    case 'AccountFrozen':
      return { ...account, status: 'frozen' };
    case 'AccountUnfrozen':
      return { ...account, status: 'open' };
    case 'AccountClosed':
      return { ...account, status: 'closed' };
    default:
      return unchanged(account, event);
  }
}

/** An event of a later version of this program: only the revision shows that it happened. */
function unchanged(account: ListedAccount, _event: never): ListedAccount {
  return account;
}
