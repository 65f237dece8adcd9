import type { AccountEvent } from '#contracts/account/account.contract.js';
import { requestApproval, requestKey, withdrawApproval } from '#libs/core/approval-limit.js';
import { type Effect, type SendAction, sendTo } from '#libs/core/effect.js';
import { stepDone, stepRefused, stepWaiting } from '#libs/core/saga/step-answers.js';
import { contentOf } from './account-requests.decide.js';
import type { AccountState, Asker } from './account.state.js';

/**
 * A request asks for its approval, and withdraws it once the hold that it was for has ended. A saga
 * that asked for the hold is told that it waits, and how it ended.
 */
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
      const asked = requestApproval(event.data, approvalLimit, subject, contentOf(id, event.data));
      const asker = event.type === 'HoldRequested' ? event.data.asker : undefined;
      return [asked, ...toSaga(asker, waitingKey(event.data), (step) => stepWaiting(step))];
    }
    case 'RequestApproved':
      return toSaga(event.data.asker, 'answer', (step) => stepDone(step), true);
    case 'RequestRefused': {
      const { approvalId, because, asker, reason = `the hold was ${because}` } = event.data;
      const isOver = because === 'released' || because === 'expired';
      const cause = { code: 'APPROVAL.REFUSED', detail: reason };
      return [
        ...(isOver ? [withdrawApproval(approvalId, `the hold was ${because}`)] : []),
        ...toSaga(asker, 'answer', (step) => stepRefused(step, cause), true),
      ];
    }
    default:
      return [];
  }
}

/** Once a request has ended, nobody need be asked or told any more that it waits. */
export function accountWithdraws({ type, data }: AccountEvent): readonly string[] {
  return type === 'RequestApproved' || type === 'RequestRefused'
    ? [requestKey(data.approvalId), waitingKey(data)]
    : [];
}

function waitingKey({ approvalId }: { readonly approvalId: string }): string {
  return `waiting:${approvalId}`;
}

function toSaga(
  asker: Asker | undefined,
  key: string,
  command: (step: string) => SendAction['command'],
  isAnswer = false,
): readonly Effect[] {
  if (!asker) return [];
  const { saga, step, answerTo } = asker;
  const action = sendTo(saga, command(step), isAnswer ? answerTo : undefined);
  return action ? [{ key, action }] : [];
}
