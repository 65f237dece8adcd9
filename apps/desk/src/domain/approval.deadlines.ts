import type { Deadline } from '#libs/core/decider.js';
import type { ApprovalState } from './approval.state.js';

/** The reminder, the escalation or the refusal, whichever is due first. */
export function approvalDeadline({ status, request }: ApprovalState): Deadline | undefined {
  if (status !== 'open' || !request) return undefined;
  const { remindAt, escalation, deadline } = request;
  const due: readonly (readonly [type: string, at: string | undefined])[] = [
    ['Remind', remindAt],
    ['Escalate', escalation?.at],
    ['Expire', deadline],
  ];
  let first: Deadline | undefined;
  for (const [type, at] of due) {
    if (at === undefined || (first && first.at <= at)) continue;
    first = { at, subject: type, command: { type, data: {} } };
  }
  return first;
}
