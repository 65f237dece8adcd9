import { z } from 'zod';
import type { AccountEvent } from '#contracts/account/account.contract.js';
import { amount, balance, currency, localId, recordedAt, text } from '#contracts/fields.js';
import { derived, shown, viewTable } from '#contracts/view-table.js';
import { defineView, type RowOf } from '#libs/core/view-definition.js';

/** One row for every event that moves money or sets it aside. */
export const statementTable = viewTable('statement_entries_v1', {
  key: ['tenant', 'accountId', 'revision'],
  owner: 'accountId',
  description: 'An event that moved money or set it aside; amounts are minor units',
  row: {
    tenant: 'id',
    accountId: 'id',
    revision: shown('bigint', z.int().min(0)),
    kind: shown(
      'text',
      z.enum([
        'deposited',
        'deposit-reversed',
        'withdrawn',
        'interest-credited',
        'hold-placed',
        'hold-captured',
        'hold-released',
        'hold-expired',
        'approval-requested',
        'approval-granted',
        'approval-refused',
      ]),
    ),
    amount: shown('bigint', amount),
    currency: shown('text', currency),
    balance: shown('bigint', balance.meta({ description: 'The balance after it' })),
    held: shown('bigint', balance.meta({ description: 'What is set aside after it' })),
    available: derived(
      balance.meta({ description: 'What may be spent after it' }),
      (row: { balance: number; held: number }) => row.balance - row.held,
    ),
    holdId: shown('text?', localId),
    reference: shown('text?', text(140)),
    at: shown('timestamptz', recordedAt),
  },
});

export interface StatementState {
  readonly balance: number;
  readonly held: number;
  /** The references of open holds, which the event that ends a hold does not repeat. */
  readonly references: Readonly<Record<string, string>>;
}

type Entry = RowOf<typeof statementTable>;
type Line = Pick<Entry, 'kind' | 'amount' | 'currency' | 'holdId' | 'reference'>;

interface Step {
  readonly state: StatementState;
  readonly line: Line;
}

const tables = { entries: statementTable };

export const statementView = defineView<StatementState, AccountEvent, typeof tables>({
  name: 'statement',
  version: 1,
  category: 'account',
  tables,
  initialState: { balance: 0, held: 0, references: {} },
  project(before, event) {
    const step = next(before, event);
    if (!step) return { state: before, rows: {} };
    const { tenant, entityId: accountId, revision, at } = event;
    const { balance: after, held } = step.state;
    const row = { tenant, accountId, revision, ...step.line, balance: after, held, at };
    return { state: step.state, rows: { entries: [row] } };
  },
});

/** Undefined for an event that moves nothing. */
function next(state: StatementState, event: AccountEvent): Step | undefined {
  switch (event.type) {
    case 'MoneyDeposited':
      return moved(state, 'deposited', event.data.amount, event.data);
    case 'DepositReversed':
      return moved(state, 'deposit-reversed', -event.data.amount, event.data);
    case 'MoneyWithdrawn':
      return moved(state, 'withdrawn', -event.data.amount, event.data);
    case 'InterestCredited':
      return moved(state, 'interest-credited', event.data.amount, event.data);
    case 'HoldPlaced':
      return setAside(state, 'hold-placed', event.data, event.data.holdId);
    case 'HoldCaptured': {
      const { captured, released } = event.data;
      return ended(state, 'hold-captured', { ...event.data, amount: captured }, captured, released);
    }
    case 'HoldReleased':
      return ended(state, 'hold-released', event.data, 0, event.data.amount);
    case 'HoldExpired':
      return ended(state, 'hold-expired', event.data, 0, event.data.amount);
    case 'WithdrawalRequested':
    case 'HoldRequested':
      return setAside(state, 'approval-requested', event.data, requestOf(event.data));
    case 'RequestApproved':
      return ended(state, 'approval-granted', event.data, 0, event.data.amount, requestOf(event.data));
    case 'RequestRefused':
      return ended(state, 'approval-refused', event.data, 0, event.data.amount, requestOf(event.data));
    default:
      return undefined;
  }
}

interface Money {
  readonly amount: number;
  readonly currency: string;
  readonly reference?: string;
}

interface HeldMoney extends Money {
  readonly holdId?: string;
}

/** What the reference of a request is kept under. No hold has this id, since ids have no slash. */
function requestOf({ approvalId }: { readonly approvalId: string }): string {
  return `request/${approvalId}`;
}

function moved(state: StatementState, kind: Line['kind'], by: number, data: Money): Step {
  return {
    state: { ...state, balance: state.balance + by },
    line: { kind, amount: data.amount, currency: data.currency, holdId: null, reference: data.reference },
  };
}

function setAside(state: StatementState, kind: Line['kind'], data: HeldMoney, name: string): Step {
  const { references } = state;
  const { amount, currency, holdId = null, reference } = data;
  return {
    state: {
      ...state,
      held: state.held + amount,
      references: reference === undefined ? references : { ...references, [name]: reference },
    },
    line: { kind, amount, currency, holdId, reference },
  };
}

function ended(
  state: StatementState,
  kind: Line['kind'],
  data: HeldMoney,
  captured: number,
  released: number,
  name = data.holdId ?? '',
): Step {
  const { holdId = null } = data;
  const { [name]: known, ...references } = state.references;
  // A hold may be called `constructor`.
  const reference = Object.hasOwn(state.references, name) ? known : undefined;
  return {
    state: {
      balance: state.balance - captured,
      held: state.held - captured - released,
      references,
    },
    line: { kind, amount: data.amount, currency: data.currency, holdId, reference },
  };
}
