import type { ApprovalCommand } from '#contracts/approval/approval.contract.js';
import { isRejection, type Rejection } from '#libs/core/rejection.js';
import { approvalDeadline } from './approval.deadlines.js';
import { decideApproval } from './approval.decide.js';
import { evolveApproval } from './approval.evolve.js';
import type { ApprovalState } from './approval.state.js';

/** The reminder, the escalation and the refusal. */
const MOST_DEADLINES = 3;

/** Why a command would be rejected on an approval in this state, if it would; nothing happens. */
export function rehearse(command: ApprovalCommand, state: ApprovalState): Rejection | undefined {
  const decision = decideApproval(command, atTime(state, command.at));
  return isRejection(decision) ? decision : undefined;
}

/** The state once everything that is due by then has happened. */
function atTime(state: ApprovalState, at: string): ApprovalState {
  let current = state;
  for (let met = 0; met < MOST_DEADLINES; met += 1) {
    const due = approvalDeadline(current);
    if (!due || due.at > at) break;
    const decision = decideApproval({ ...due.command, at: due.at } as ApprovalCommand, current);
    if (isRejection(decision)) break;
    current = decision.reduce(evolveApproval, current);
  }
  return current;
}
