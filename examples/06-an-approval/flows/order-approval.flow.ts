import { Approval } from '#contracts/approval/approval.kind.js';
import type { FlowTypesOf } from '#contracts/flow/flow.contract.js';
import { millisecondsIn } from '#libs/core/flow/duration.js';
import { FlowFailure } from '#libs/core/flow/flow.errors.js';
import { callPolicy, type FlowFunction, flowKind } from '#libs/core/flow/flow.js';
import { toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import type { orderApprovalContract } from '../order-approval.contract.js';

type OrderApprovalTypes = FlowTypesOf<typeof orderApprovalContract>;

export const OrderApproval = flowKind<OrderApprovalTypes>('orderApproval');

export const orderApprovalCalls = {
  fulfil: callPolicy<{ readonly order: string }, object>(),
  'send-mail': callPolicy<{ readonly to: string; readonly text: string }, object>(),
};

/** Submits an order to the supervisors, and waits for their decision. */
export const approveOrder: FlowFunction<OrderApprovalTypes, typeof orderApprovalCalls> = async (
  { order, amount, customer, within },
  f,
) => {
  const answer = (outcome: string) => ({ type: 'Decided', data: { outcome } });
  const submitted = await f.entity(Approval, `order-${f.id}`).send({
    type: 'Request',
    data: {
      subject: `Order ${order}`,
      content: { order, amount, customer },
      candidates: ['role:supervisor'],
      needed: 1,
      deadline: toTimestamp(toMilliseconds(f.startedAt) + millisecondsIn(within)),
      answers: {
        approved: answer('approved'),
        refused: answer('refused'),
        withdrawn: answer('withdrawn'),
      },
    },
  });
  if (submitted.status === 'rejected') throw new FlowFailure(submitted.code, submitted.detail);

  const decided = await f.receive('Decided');
  if (decided?.data.outcome === 'approved') {
    await f.call('fulfil', { order });
    return { outcome: 'fulfilled' };
  }
  const { reason = 'it was withdrawn' } = decided?.data.approval ?? {};
  await f.call('send-mail', { to: customer, text: `We cannot accept your order ${order}: ${reason}` });
  return { outcome: 'rejected' };
};
