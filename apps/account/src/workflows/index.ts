export { account } from './account.workflow.js';
export { cardOperation } from './card-operation.workflow.js';
export { cardPayment } from './card-payment.workflow.js';
export { interestRun, spread } from './interest-run.workflow.js';
export { transfer } from './transfer.workflow.js';
export { relay } from '#libs/relay/workflow/relay.workflow.js';
