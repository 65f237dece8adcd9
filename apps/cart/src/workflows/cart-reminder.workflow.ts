import { CartReminder } from '#contracts/cart-reminder/cart-reminder.kind.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { cartReminderCalls, remindOfCart } from '../flows/cart-reminder.flow.js';

export const cartReminder = flow(CartReminder, remindOfCart, { calls: cartReminderCalls });
