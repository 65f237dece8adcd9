import { z } from 'zod';
import type { ApprovalEvent } from '#contracts/approval/approval.contract.js';
import { approvalStatus } from '#contracts/approval/approval.contract.js';
import { callerId, contentHash } from '#contracts/approval/approval.fields.js';
import { entityId, ownerStream, recordedAt, text } from '#contracts/fields.js';
import { shown, viewTable } from '#contracts/view-table.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { defineView } from '#libs/core/view-definition.js';

/** One row per approval. */
export const approvalsTable = viewTable('approvals_v1', {
  key: ['tenant', 'id'],
  owner: 'id',
  indexes: ['btree (tenant, deadline, id)', 'btree (tenant, status, deadline, id)'],
  fillfactor: 80,
  description: 'An approval as the read model shows it, up to `revision`',
  row: {
    tenant: 'id',
    id: shown('id', entityId),
    status: shown('text', approvalStatus),
    subject: shown('text', text(200)),
    requester: shown('text', callerId),
    requestedBy: shown('text?', ownerStream),
    contentHash: shown('text', contentHash),
    needed: shown('integer', z.int().min(1)),
    approvals: shown('integer', z.int().min(0).meta({ description: 'How many have approved' })),
    claimedBy: shown('text?', callerId),
    reason: shown('text?', text(500)),
    deadline: shown('timestamptz', recordedAt),
    requestedAt: shown('timestamptz', recordedAt),
    endedAt: shown('timestamptz?', recordedAt),
    revision: shown('bigint', z.int().min(0)),
  },
});

/** To whom approvals belong: a row for each requester, and for each name and role of candidates. */
export const partiesTable = viewTable('approval_parties_v1', {
  key: ['tenant', 'approvalId', 'party', 'part'],
  owner: 'approvalId',
  indexes: ['btree (tenant, party, part, approval_id)'],
  row: {
    tenant: 'id',
    approvalId: 'id',
    /** `user:tom` or `role:supervisor`. */
    party: 'id',
    /** `requester` or `candidate`. */
    part: 'id',
    /** Whether a candidate may decide, and has not delegated that. */
    mayDecide: 'boolean',
  },
});

interface ListedApproval {
  readonly status: z.output<typeof approvalStatus>;
  readonly subject: string;
  readonly requester: string;
  readonly requestedBy?: string;
  readonly contentHash: string;
  readonly needed: number;
  readonly approvals: number;
  readonly claimedBy?: string;
  readonly reason?: string;
  readonly deadline: string;
  readonly requestedAt: string;
  readonly endedAt?: string;
}

interface Party {
  readonly party: string;
  readonly part: 'requester' | 'candidate';
  readonly mayDecide: boolean;
}

/** Columns that a row may leave empty. */
const NONE = { requestedBy: undefined, claimedBy: undefined, reason: undefined, endedAt: undefined };

const tables = { approvals: approvalsTable, parties: partiesTable };

export const approvalsView = defineView<ListedApproval | null, ApprovalEvent, typeof tables>({
  name: 'approvals',
  version: 1,
  category: 'approval',
  tables,
  initialState: null,
  project(before, event) {
    const approval = next(before, event);
    if (!approval) return { state: before, rows: {} };
    const { tenant, entityId: id, revision } = event;
    const parties = partiesIn(event).map((party) => ({ tenant, approvalId: id, ...party }));
    return {
      state: approval,
      rows: { approvals: [{ tenant, id, ...NONE, ...approval, revision }], parties },
    };
  },
});

function next(before: ListedApproval | null, event: PublishedEvent<ApprovalEvent>): ListedApproval | null {
  if (event.type === 'ApprovalRequested') {
    const { subject, requester, requestedBy, contentHash: hash, needed, deadline } = event.data;
    return {
      status: 'open',
      subject,
      requester,
      ...(requestedBy !== undefined && { requestedBy }),
      contentHash: hash,
      needed,
      approvals: 0,
      deadline,
      requestedAt: event.at,
    };
  }
  return before && changed(before, event);
}

function changed(approval: ListedApproval, event: PublishedEvent<ApprovalEvent>): ListedApproval {
  const { claimedBy: _, ...unclaimed } = approval;
  const endedAt = event.at;
  switch (event.type) {
    case 'ApprovalClaimed':
      return { ...approval, claimedBy: event.data.by };
    case 'ApprovalUnclaimed':
    case 'ApprovalDelegated':
    case 'ApprovalEscalated':
      return unclaimed;
    case 'ApprovalGiven':
      return { ...unclaimed, approvals: approval.approvals + 1 };
    case 'ApprovalGranted':
      return { ...unclaimed, status: 'approved', endedAt };
    case 'ApprovalRefused':
      return { ...unclaimed, status: 'refused', reason: event.data.reason, endedAt };
    case 'ApprovalWithdrawn': {
      const { reason } = event.data;
      return { ...unclaimed, status: 'withdrawn', ...(reason !== undefined && { reason }), endedAt };
    }
    default:
      return approval;
  }
}

function partiesIn(event: ApprovalEvent): readonly Party[] {
  const candidate = (party: string, mayDecide = true): Party => ({ party, part: 'candidate', mayDecide });
  switch (event.type) {
    case 'ApprovalRequested': {
      const { requester, candidates } = event.data;
      const own: Party = { party: `user:${requester}`, part: 'requester', mayDecide: false };
      return [own, ...candidates.map((party) => candidate(party, party !== own.party))];
    }
    case 'ApprovalEscalated':
      return event.data.to.map((party) => candidate(party));
    case 'ApprovalDelegated':
      return [candidate(`user:${event.data.by}`, false), candidate(event.data.to)];
    default:
      return [];
  }
}
