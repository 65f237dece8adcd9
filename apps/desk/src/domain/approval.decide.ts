import type { ApprovalCommand, ApprovalEvent } from '#contracts/approval/approval.contract.js';
import type { ApprovalRejectionCode } from '#contracts/approval/approval.rejections.js';
import { ANONYMOUS } from '#libs/core/acting.js';
import { type Rejection, reject } from '#libs/core/rejection.js';
import { requestApproval } from './approval-request.decide.js';
import { type ApprovalRequest, type ApprovalState, isAmong, MAX_DELEGATIONS } from './approval.state.js';

type Decision = readonly ApprovalEvent[] | Rejection;
type CommandNamed<Type> = Extract<ApprovalCommand, { type: Type }>;
type OpenCommand = Exclude<ApprovalCommand, { type: 'Request' }>;

export function decideApproval(command: ApprovalCommand, { status, request }: ApprovalState): Decision {
  if (command.type === 'Request') {
    return request
      ? no('APPROVAL.ALREADY_REQUESTED', 'an approval can be requested only once')
      : requestApproval(command);
  }
  if (!request) return no('APPROVAL.NOT_REQUESTED', 'the approval was never requested');
  return status === 'open' ? decideOpen(command, request) : no('APPROVAL.ENDED', `it is ${status}`);
}

function decideOpen(command: OpenCommand, request: ApprovalRequest): Decision {
  const by = command.actor ?? '';
  switch (command.type) {
    case 'Claim':
      return mayNotDecide(command, request) ?? [{ type: 'ApprovalClaimed', data: { by } }];
    case 'Unclaim':
      return request.claimedBy === by
        ? [{ type: 'ApprovalUnclaimed', data: { by } }]
        : no('APPROVAL.NOT_CLAIMED', `${by} has not claimed it`);
    case 'Delegate':
      return mayNotDecide(command, request) ?? delegate(command, by, request);
    case 'Approve':
      return mayNotDecide(command, request) ?? approve(command, by, request);
    case 'Reject':
      return mayNotDecide(command, request) ?? turnDown(command, by, request);
    case 'Withdraw':
      return withdraw(command, by, request);
    case 'Remind':
    case 'Escalate':
    case 'Expire':
      return meet(command, request);
    default:
      return unknown(command);
  }
}

/**
 * Why the sender of a command may not decide. While access control is off, callers have no names:
 * then everybody may, but only once.
 */
function mayNotDecide(command: OpenCommand, request: ApprovalRequest): Rejection | undefined {
  const { actor: id = '', roles = [] } = command;
  const { requester, candidates, delegators, approvals, claimedBy } = request;
  if (approvals.some(({ by }) => by === id)) return no('APPROVAL.ALREADY_DECIDED', `${id} has approved`);
  if (claimedBy !== undefined && claimedBy !== id)
    return no('APPROVAL.CLAIMED', `${claimedBy} has claimed it`);
  if (id === ANONYMOUS) return undefined;
  if (id === requester) return no('APPROVAL.OWN_REQUEST', `${id} has requested it`);
  return isAmong(candidates, { id, roles }) && !delegators.includes(id)
    ? undefined
    : no('APPROVAL.NOT_CANDIDATE', `${id} is no candidate`);
}

function approve({ data }: CommandNamed<'Approve'>, by: string, request: ApprovalRequest): Decision {
  const { contentHash } = request;
  if (data.contentHash !== contentHash) {
    return no('APPROVAL.CONTENT_MISMATCH', `the hash of the content is ${contentHash}`);
  }
  const given: ApprovalEvent = { type: 'ApprovalGiven', data: { by, ...data } };
  const all = [...request.approvals.map((approval) => approval.by), by];
  return all.length < request.needed
    ? [given]
    : [given, { type: 'ApprovalGranted', data: { by: all, contentHash } }];
}

function turnDown({ data }: CommandNamed<'Reject'>, by: string, request: ApprovalRequest): Decision {
  const { contentHash } = request;
  const { contentHash: seen = contentHash, reason } = data;
  return seen === contentHash
    ? refuse('rejected', reason, request, by)
    : no('APPROVAL.CONTENT_MISMATCH', `the hash of the content is ${contentHash}`);
}

function delegate({ data }: CommandNamed<'Delegate'>, by: string, request: ApprovalRequest): Decision {
  const { requester, candidates, delegators, approvals } = request;
  const id = data.to.slice('user:'.length);
  const taken = [requester, by, ...delegators, ...approvals.map((approval) => approval.by)];
  if (taken.includes(id) || candidates.includes(data.to)) {
    return no('APPROVAL.DELEGATE_INVALID', `${id} cannot decide in place of ${by}`);
  }
  return delegators.length >= MAX_DELEGATIONS
    ? no('APPROVAL.DELEGATE_LIMIT', `it was delegated ${MAX_DELEGATIONS} times`)
    : [{ type: 'ApprovalDelegated', data: { by, ...data } }];
}

/** Its requester may withdraw it, and so may the entity that requested it. */
function withdraw(
  { data, sender }: CommandNamed<'Withdraw'>,
  by: string,
  { requester, requestedBy, contentHash }: ApprovalRequest,
): Decision {
  const isOwn = by === requester || (sender !== undefined && sender === requestedBy);
  return isOwn
    ? [{ type: 'ApprovalWithdrawn', data: { by, contentHash, ...data } }]
    : no('APPROVAL.NOT_REQUESTER', `${by} has not requested it`);
}

function meet(
  { type, at }: CommandNamed<'Remind' | 'Escalate' | 'Expire'>,
  request: ApprovalRequest,
): Decision {
  const { deadline, remindAt, escalation } = request;
  const due = { Remind: remindAt, Escalate: escalation?.at, Expire: deadline }[type];
  if (due === undefined || due > at) return no('APPROVAL.NOT_DUE', `it is ${at}`);
  if (type === 'Expire') return refuse('expired', `nobody decided until ${deadline}`, request);
  if (type === 'Remind') return [{ type: 'ApprovalReminded', data: {} }];
  return [{ type: 'ApprovalEscalated', data: { to: escalation?.to ?? [] } }];
}

function refuse(
  because: 'rejected' | 'expired',
  reason: string,
  { contentHash }: ApprovalRequest,
  by?: string,
): Decision {
  const refused = { because, ...(by !== undefined && { by }), contentHash, reason };
  return [{ type: 'ApprovalRefused', data: refused }];
}

function no(code: ApprovalRejectionCode, detail: string): Rejection {
  return reject(code, detail);
}

/** The contract accepts no other type. A new one fails to compile here. */
function unknown(command: never): never {
  throw new TypeError(`no rule for ${(command as ApprovalCommand).type}`);
}
