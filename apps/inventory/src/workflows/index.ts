export { inventory } from './inventory.workflow.js';
export { relay } from '#libs/kafka/relay.workflow.js';
