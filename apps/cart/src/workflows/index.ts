export { cart } from './cart.workflow.js';
export { cartReminder } from './cart-reminder.workflow.js';
export { checkout } from './checkout.workflow.js';
export { fulfilment } from './fulfilment.workflow.js';
export { relay } from '#libs/relay/workflow/relay.workflow.js';
