import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { approveOrder, OrderApproval, orderApprovalCalls } from '../flows/order-approval.flow.js';

export const orderApproval = flow(OrderApproval, approveOrder, { calls: orderApprovalCalls });
export { relay } from '#libs/relay/workflow/relay.workflow.js';
