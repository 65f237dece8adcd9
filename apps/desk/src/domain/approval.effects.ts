import type { ApprovalEvent } from '#contracts/approval/approval.contract.js';
import { type Effect, sendTo } from '#libs/core/effect.js';
import type { ApprovalOutcome, ApprovalState } from './approval.state.js';

/** Tells the entity that requested an approval of its end, if it wants to know. */
export function reactToApproval(
  event: ApprovalEvent,
  { request }: ApprovalState,
  id: string,
): readonly Effect[] {
  const end = endIn(event);
  const answer = end && request?.answers?.[end.outcome];
  if (!answer) return [];
  const { by, reason } = end;
  const { contentHash, requestedBy = '', answerTo } = request;
  const approval = { id, contentHash, by, ...(reason !== undefined && { reason }) };
  const data = { ...answer.data, approval };
  const action = sendTo(requestedBy, { type: answer.type, data }, answerTo);
  return action ? [{ key: 'answer', action }] : [];
}

interface End {
  readonly outcome: ApprovalOutcome;
  readonly by: readonly string[];
  readonly reason?: string | undefined;
}

function endIn({ type, data }: ApprovalEvent): End | undefined {
  switch (type) {
    case 'ApprovalGranted':
      return { outcome: 'approved', by: data.by };
    case 'ApprovalRefused':
      return { outcome: 'refused', by: data.by === undefined ? [] : [data.by], reason: data.reason };
    case 'ApprovalWithdrawn':
      return { outcome: 'withdrawn', by: [data.by], reason: data.reason };
    default:
      return undefined;
  }
}
