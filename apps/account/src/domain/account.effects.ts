import type { AccountEvent } from '#contracts/account/account.contract.js';
import { requestApproval, requestKey, withdrawApproval } from '#libs/core/approval-limit.js';
import type { Effect } from '#libs/core/effect.js';
import { contentOf } from './account-requests.decide.js';
import type { AccountState } from './account.state.js';

/** A request asks for its approval, and withdraws it once the hold that it was for has ended. */
export function accountEffects(
  event: AccountEvent,
  { approvalLimit }: AccountState,
  id: string,
): readonly Effect[] {
  switch (event.type) {
    case 'WithdrawalRequested':
    case 'HoldRequested': {
      if (!approvalLimit) return [];
      const what = event.type === 'HoldRequested' ? 'Hold on' : 'Withdrawal from';
      const subject = `${what} account ${id}`.slice(0, 200);
      return [requestApproval(event.data, approvalLimit, subject, contentOf(id, event.data))];
    }
    case 'RequestRefused': {
      const { approvalId, because } = event.data;
      const isOver = because === 'released' || because === 'expired';
      return isOver ? [withdrawApproval(approvalId, `the hold was ${because}`)] : [];
    }
    default:
      return [];
  }
}

/** Once a request has ended, its approval need not be requested any more. */
export function accountWithdraws({ type, data }: AccountEvent): readonly string[] {
  return type === 'RequestApproved' || type === 'RequestRefused' ? [requestKey(data.approvalId)] : [];
}
