import type { cartReminderContract } from './cart-reminder.contract.js';
import type { FlowTypesOf } from '../flow/flow.contract.js';
import { flowKind } from '#libs/core/flow/flow.js';

/** What a reminder of a cart takes, receives and returns. */
export type CartReminderTypes = FlowTypesOf<typeof cartReminderContract>;

export const CartReminder = flowKind<CartReminderTypes>('cartReminder');
