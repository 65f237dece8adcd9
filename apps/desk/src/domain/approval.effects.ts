import type { ApprovalEvent } from '#contracts/approval/approval.contract.js';
import type { Effect } from '#libs/core/effect.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { ApprovalOutcome, ApprovalState } from './approval.state.js';

/** Tells the entity that requested an approval of its end, if it wants to know. */
export function reactToApproval(
  event: ApprovalEvent,
  { request }: ApprovalState,
  id: string,
): readonly Effect[] {
  const end = endIn(event);
  const answer = end && request?.answers?.[end.outcome];
  const to = parseStreamName(request?.requestedBy ?? '');
  if (!answer || !to) return [];
  const { by, reason } = end;
  const { contentHash, answerTo } = request;
  const approval = { id, contentHash, by, ...(reason !== undefined && { reason }) };
  const data = { ...answer.data, approval };
  const { category } = to;
  const command = { type: answer.type, data };
  const answering = answerTo === undefined ? {} : { answerTo };
  return [{ key: 'answer', action: { kind: 'send', to: { category, id: to.id }, command, ...answering } }];
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
