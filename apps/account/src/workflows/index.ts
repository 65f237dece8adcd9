export { account } from './account.workflow.js';
