import type { cartReminderContract } from './cart-reminder.contract.js';
import type { FlowTypesOf } from '../flow/flow.contract.js';
import { flowKind } from '#libs/core/flow/flow.js';

export const CartReminder = flowKind<FlowTypesOf<typeof cartReminderContract>>('cartReminder');
