import type { ApprovalState } from './approval.state.js';

/** The live state as clients see it (`approvalContract.view`). */
export function presentApproval({ status, request }: ApprovalState) {
  const { answers: _, answerTo: __, delegators: ___, ...shown } = request ?? {};
  return { status, ...shown };
}
