import type { AccountEvent } from '#contracts/account/account.contract.js';
import type { StatementEntry } from '#contracts/account/account.views.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { defineView } from '#libs/core/view-definition.js';

export interface StatementState {
  readonly balance: number;
  readonly held: number;
  /** References of the open holds: the end of a hold says again what it was for. */
  readonly references: Readonly<Record<string, string>>;
}

interface Line {
  readonly kind: StatementEntry['kind'];
  readonly amount: number;
  readonly currency: string;
  readonly hold_id: string | null;
  readonly reference: string | null;
}

const tables = {
  entries: {
    name: 'statement_entries_v1',
    key: ['tenant', 'account_id', 'revision'],
    owner: 'account_id',
    columns: {
      tenant: 'text',
      account_id: 'text',
      revision: 'bigint',
      kind: 'text',
      amount: 'bigint',
      currency: 'text',
      balance: 'bigint',
      held: 'bigint',
      hold_id: 'text?',
      reference: 'text?',
      at: 'timestamptz',
    },
  },
} as const;

/** The statement of each account: a line for every event that moves money or sets it aside. */
export const statementView = defineView<StatementState, AccountEvent, typeof tables>({
  name: 'statement',
  version: 1,
  category: 'account',
  tables,
  initialState: { balance: 0, held: 0, references: {} },
  project(before, event) {
    const step = project(before, event);
    if (!step) return { state: before, rows: {} };
    const { balance, held } = step.state;
    const row = {
      tenant: event.tenant,
      account_id: event.entityId,
      revision: event.revision,
      ...step.line,
      balance,
      held,
      at: event.at,
    };
    return { state: step.state, rows: { entries: [row] } };
  },
});

interface Step {
  readonly state: StatementState;
  readonly line: Line;
}

function project(state: StatementState, event: PublishedEvent<AccountEvent>): Step | undefined {
  switch (event.type) {
    case 'MoneyDeposited':
      return moved(state, 'deposited', event.data.amount, event.data);
    case 'MoneyWithdrawn':
      return moved(state, 'withdrawn', -event.data.amount, event.data);
    case 'HoldPlaced':
      return placed(state, event.data);
    case 'HoldCaptured': {
      const { captured, released } = event.data;
      return ended(state, 'hold-captured', { ...event.data, amount: captured }, captured, released);
    }
    case 'HoldReleased':
      return ended(state, 'hold-released', event.data, 0, event.data.amount);
    case 'HoldExpired':
      return ended(state, 'hold-expired', event.data, 0, event.data.amount);
    case 'AccountOpened':
    case 'AccountFrozen':
    case 'AccountUnfrozen':
    case 'AccountClosed':
      return undefined;
    default:
      return unknown(event);
  }
}

interface Money {
  readonly amount: number;
  readonly currency: string;
  readonly reference?: string;
}

function moved(state: StatementState, kind: Line['kind'], by: number, data: Money): Step {
  const { amount, currency, reference = null } = data;
  return {
    state: { ...state, balance: state.balance + by },
    line: { kind, amount, currency, hold_id: null, reference },
  };
}

function placed(state: StatementState, data: Money & { readonly holdId: string }): Step {
  const { holdId, amount, currency, reference } = data;
  const { references } = state;
  return {
    state: {
      ...state,
      held: state.held + amount,
      references: reference === undefined ? references : { ...references, [holdId]: reference },
    },
    line: { kind: 'hold-placed', amount, currency, hold_id: holdId, reference: reference ?? null },
  };
}

function ended(
  state: StatementState,
  kind: Line['kind'],
  {
    holdId,
    amount,
    currency,
  }: { readonly holdId: string; readonly amount: number; readonly currency: string },
  captured: number,
  released: number,
): Step {
  const { [holdId]: reference, ...references } = state.references;
  // A hold may be called `constructor`.
  const isKnown = Object.hasOwn(state.references, holdId) && reference !== undefined;
  return {
    state: {
      balance: state.balance - captured,
      held: state.held - captured - released,
      references,
    },
    line: { kind, amount, currency, hold_id: holdId, reference: isKnown ? reference : null },
  };
}

/** An event of a later version of this program: not ours to understand. */
function unknown(_event: never): undefined {
  return undefined;
}
