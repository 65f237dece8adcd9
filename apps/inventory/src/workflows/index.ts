export { inventory } from './inventory.workflow.js';
export { lowStockDigest } from './low-stock-digest.workflow.js';
export { price } from './price.workflow.js';
export { relay } from '#libs/relay/workflow/relay.workflow.js';
export { spread, stockImport } from './stock-import.workflow.js';
