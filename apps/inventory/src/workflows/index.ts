export { inventory } from './inventory.workflow.js';
export { relay } from '#libs/relay/workflow/relay.workflow.js';
