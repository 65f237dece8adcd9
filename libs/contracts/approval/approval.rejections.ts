import type { RejectionContract } from '../entity-contract.js';

/** Every code with which the rules of an approval reject. */
export const approvalRejections = {
  'APPROVAL.NOT_REQUESTED': { status: 404, title: 'There is no such approval' },
  'APPROVAL.ALREADY_REQUESTED': { status: 409, title: 'The approval was already requested' },
  'APPROVAL.ENDED': { status: 409, title: 'The approval was approved, refused or withdrawn' },
  'APPROVAL.DEADLINE_INVALID': {
    status: 422,
    title: 'The deadline is not within a year from now, or not after the reminder and the escalation',
  },
  'APPROVAL.TOO_FEW_CANDIDATES': {
    status: 422,
    title: 'More approvals are needed than there are candidates',
  },
  'APPROVAL.CONTENT_MISMATCH': { status: 422, title: 'The content does not have the hash that was named' },
  'APPROVAL.NOBODY_TO_ANSWER': { status: 422, title: 'Only entities and flows are answered' },
  'APPROVAL.OWN_REQUEST': { status: 409, title: 'The requester may not decide' },
  'APPROVAL.NOT_CANDIDATE': { status: 409, title: 'The caller may not decide' },
  'APPROVAL.NOT_REQUESTER': { status: 409, title: 'Only the requester may withdraw the request' },
  'APPROVAL.ALREADY_DECIDED': { status: 409, title: 'The caller has already approved' },
  'APPROVAL.CLAIMED': { status: 409, title: 'Another candidate has claimed the decision' },
  'APPROVAL.NOT_CLAIMED': { status: 409, title: 'The caller has no claim' },
  'APPROVAL.DELEGATE_INVALID': {
    status: 422,
    title: 'The delegate is the requester, a candidate, or somebody who has delegated',
  },
  'APPROVAL.DELEGATE_LIMIT': { status: 409, title: 'The approval was delegated 50 times' },
  'APPROVAL.NOT_DUE': { status: 409, title: 'The time has not come' },
} as const satisfies Record<string, RejectionContract>;

/** One of the codes above. */
export type ApprovalRejectionCode = keyof typeof approvalRejections;
