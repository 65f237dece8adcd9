import type { ApprovalEvent } from '#contracts/approval/approval.contract.js';
import { ApprovalMail } from '#contracts/approval-mail/approval-mail.kind.js';
import type { Decider } from '#libs/core/decider.js';
import type { Effect } from '#libs/core/effect.js';
import { flow } from '#libs/core/entity-in-effects.js';
import { sha256 } from '#libs/core/sha256.js';
import { type ApprovalRequest, type ApprovalState } from './approval.state.js';

type AnyApprovalDecider = Pick<Decider<ApprovalState, never, ApprovalEvent>, 'react'>;

/**
 * The same rules, which also start a flow that mails those who are asked to decide. A mail is
 * nothing that the approval waits for: the flow may fail.
 */
export function withMails<D extends AnyApprovalDecider>(decider: D): D {
  const react: D['react'] = (event, state, id) => [
    ...(decider.react?.(event, state, id) ?? []),
    ...mailsFor(event, state, id),
  ];
  return { ...decider, react };
}

/** Roles have no address. */
function mailsFor(event: ApprovalEvent, { request }: ApprovalState, id: string): readonly Effect[] {
  const people = request ? askedBy(event, request).filter((one) => mayBeMailed(one, request)) : [];
  if (people.length === 0) return [];
  const occasion = event.type === 'ApprovalDelegated' ? `${event.type} ${event.data.to}` : event.type;
  // An id of an approval may be as long as an id can be, so it is hashed.
  const mailing = flow(ApprovalMail, sha256(JSON.stringify([id, occasion])).slice(0, 32));
  return [{ key: 'mail', action: mailing.start({ approval: id, people }) }];
}

function askedBy({ type, data }: ApprovalEvent, request: ApprovalRequest): readonly string[] {
  switch (type) {
    case 'ApprovalRequested':
    case 'ApprovalReminded':
      return request.candidates;
    case 'ApprovalEscalated':
      return data.to;
    case 'ApprovalDelegated':
      return [data.to];
    default:
      return [];
  }
}

/** Whether a candidate is a person who may decide, even if another has claimed that for now. */
export function mayBeMailed(
  candidate: string,
  { requester, candidates, delegators, approvals }: ApprovalRequest,
): boolean {
  if (!candidate.startsWith('user:') || !candidates.includes(candidate)) return false;
  const id = candidate.slice('user:'.length);
  return id !== requester && !delegators.includes(id) && !approvals.some(({ by }) => by === id);
}
