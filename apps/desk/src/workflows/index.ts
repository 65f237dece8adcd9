export { approval } from './approval.workflow.js';
export { approvalMail } from './approval-mail.workflow.js';
export { callback } from './callback.workflow.js';
export { relay } from '#libs/relay/workflow/relay.workflow.js';
