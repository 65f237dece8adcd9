export { account } from './account.workflow.js';
export { relay } from '#libs/kafka/relay.workflow.js';
