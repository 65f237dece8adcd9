import type { ApprovalEvent } from '#contracts/approval/approval.contract.js';
import type { Party } from '#libs/core/party.js';

type Requested = Extract<ApprovalEvent, { type: 'ApprovalRequested' }>['data'];

/** The outcomes of an approval, under which its answers are listed. */
export type ApprovalOutcome = 'approved' | 'refused' | 'withdrawn';

/** What was requested; it changes with delegations, the reminder and the escalation. */
export interface ApprovalRequest extends Requested {
  /** Who has approved so far, earliest first. */
  readonly approvals: readonly { readonly by: string; readonly comment?: string }[];
  /** Who let somebody else decide instead, and may not decide any more. */
  readonly delegators: readonly string[];
  readonly claimedBy?: string;
  readonly refusedBy?: string;
  readonly reason?: string;
}

/** An approval; `request` is absent until it is requested. */
export interface ApprovalState {
  readonly status: 'none' | 'open' | ApprovalOutcome;
  readonly request?: ApprovalRequest;
}

export const MAX_DELEGATIONS = 50;

export const initialApproval: ApprovalState = { status: 'none' };

/** Whether a caller is among these candidates, by name or role. */
export function isAmong(candidates: readonly string[], { id, roles }: Party): boolean {
  return candidates.includes(`user:${id}`) || roles.some((role) => candidates.includes(`role:${role}`));
}

/** Whether a caller is the requester, or is or was a candidate. */
export function takesPart({ request }: ApprovalState, party: Party): boolean {
  if (!request) return false;
  const { requester, candidates, delegators } = request;
  return party.id === requester || delegators.includes(party.id) || isAmong(candidates, party);
}
