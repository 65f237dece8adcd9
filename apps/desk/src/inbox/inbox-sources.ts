import type { Pool } from 'pg';
import { OPERATORS, type Policy } from '#contracts/access.js';
import type { Caller } from '#libs/identity/caller.js';
import { extentOf } from '#libs/identity/policy.js';
import { flowsTable } from '#libs/operations/flows/flows.projection.js';
import { sagasTable } from '#libs/operations/sagas/sagas.projection.js';
import { namesOf } from '#libs/read-model/owner-field.js';
import type { Page } from '#libs/read-model/page.js';
import { findRows } from '#libs/read-model/row-query.js';
import { approvalsTable, partiesTable } from '../read-model/approvals/approvals.projection.js';
import type { InboxItem, KINDS } from './inbox.schemas.js';

type Kind = (typeof KINDS)[number];

/** An item as the read model shows it. */
export type Found = Omit<InboxItem, 'actions' | 'waiting'> & {
  /** Names of steps that wait. */
  readonly names?: readonly string[];
  readonly contentHash?: string;
};

export interface SourceRequest {
  readonly caller: Caller;
  readonly limit: number;
  readonly cursor: string | undefined;
}

type Source = (pool: Pool, request: SourceRequest) => Promise<Page<Found>>;

/** In their own tenant, they may retry and resolve what operators may in all tenants. */
const SUPERVISORS: Policy = ['role:supervisor'];
const NOTHING: Page<Found> = { data: [] };

/** Where the items of each kind are found. */
export const sources: Readonly<Record<Kind, Source>> = {
  saga: async (pool, { caller, ...page }) => {
    const scope = scopeOf(caller);
    if (!scope) return NOTHING;
    return findRows(pool, {
      ...page,
      ...scope,
      table: sagasTable,
      where: [['is_stuck']],
      orderBy: ['saga', 'tenant', 'id'],
      toItem: ({ saga: type, tenant, id, stuckNames, stuckSince: since }: SagaRow) => ({
        ...{ kind: 'saga' as const, tenant, type, id, names: stuckNames.split(' ').filter(Boolean) },
        ...(since && { since }),
      }),
    });
  },
  flow: async (pool, { caller, ...page }) => {
    const scope = scopeOf(caller);
    if (!scope) return NOTHING;
    return findRows(pool, {
      ...page,
      ...scope,
      table: flowsTable,
      where: [['is_stuck']],
      orderBy: ['tenant', 'type', 'id'],
      toItem: ({ tenant, type, id }: FlowRow) => ({ kind: 'flow' as const, tenant, type, id }),
    });
  },
  approval: async (pool, { caller, ...page }) => {
    // Without access control, everybody may decide.
    const names = namesOf({ table: partiesTable, field: 'party', names: 'parties' }, caller);
    return findRows(pool, {
      ...page,
      tenant: caller.tenant,
      table: approvalsTable,
      where: [
        ['found.status = ?', 'open'],
        [MAY_DECIDE, caller.kind === 'anonymous' ? undefined : names],
      ],
      orderBy: ['deadline', 'id'],
      toItem: ({ tenant, id, subject, deadline, requestedAt: since, contentHash }: ApprovalRow) => {
        const of = { kind: 'approval' as const, tenant, type: 'approval', id };
        return { ...of, subject, since, deadline, contentHash };
      },
    });
  },
};

const MAY_DECIDE = `EXISTS (SELECT FROM read_model.${partiesTable.name} candidate
  WHERE candidate.tenant = found.tenant AND candidate.approval_id = found.id
  AND candidate.part = 'candidate' AND candidate.may_decide AND candidate.party = ANY (?))`;

interface SagaRow {
  readonly saga: string;
  readonly tenant: string;
  readonly id: string;
  readonly stuckNames: string;
  readonly stuckSince?: string;
}

interface FlowRow {
  readonly tenant: string;
  readonly type: string;
  readonly id: string;
}

interface ApprovalRow {
  readonly tenant: string;
  readonly id: string;
  readonly subject: string;
  readonly deadline: string;
  readonly requestedAt: string;
  readonly contentHash: string;
}

/** The tenants whose sagas and flows a caller may see to; undefined if of none. */
function scopeOf(caller: Caller): { readonly tenant: string | undefined } | undefined {
  if (extentOf(OPERATORS, caller) === 'full') return { tenant: undefined };
  return extentOf(SUPERVISORS, caller) === 'full' ? { tenant: caller.tenant } : undefined;
}
