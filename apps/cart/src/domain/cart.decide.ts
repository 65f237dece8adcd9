import type { CartCommand, CartEvent } from '#contracts/cart/cart.contract.js';
import type { Rejection } from '#libs/core/rejection.js';
import { checkOut, completeCheckout, failCheckout, refuseCheckout } from './cart-checkout.decide.js';
import { addItem, applyCoupon, changeQuantity, removeCoupon, removeItem } from './cart-content.decide.js';
import { no } from './cart-rejections.js';
import { expiryOf, reminderOf } from './cart.deadlines.js';
import { priceCart } from './cart.prices.js';
import { type CartState, MAX_ID_LENGTH, piecesIn } from './cart.state.js';
import type { CartTiming } from './cart.timing.js';

export type CartDecision = readonly CartEvent[] | Rejection;

export function decideCart(command: CartCommand, state: CartState, timing: CartTiming): CartDecision {
  const { type } = command;
  if (type === 'Create') return create(command, state);
  if (state.status === 'none') return no('CART.NOT_CREATED', 'the cart was never created');
  if (type === 'CompleteCheckout') return completeCheckout(command.data, state);
  if (type === 'FailCheckout') return failCheckout(command, state);
  if (type === 'RefuseCheckout') return refuseCheckout(command, state);
  return notOpen(state) ?? decideOpen(command, state, timing);
}

type CommandNamed<Type> = Extract<CartCommand, { type: Type }>;
type CheckoutReport = 'CompleteCheckout' | 'FailCheckout' | 'RefuseCheckout';
type OpenCommand = Exclude<CartCommand, { type: 'Create' | CheckoutReport }>;

function decideOpen(command: OpenCommand, state: CartState, timing: CartTiming): CartDecision {
  switch (command.type) {
    case 'AssignCustomer':
      return assignCustomer(command.data, command.at, state);
    case 'AddItem':
      return addItem(command, state);
    case 'ChangeQuantity':
      return changeQuantity(command, state);
    case 'RemoveItem':
      return removeItem(command, state);
    case 'ApplyCoupon':
      return applyCoupon(command, state);
    case 'RemoveCoupon':
      return removeCoupon(command.at, state);
    case 'Checkout':
      return checkOut(command.data, state);
    case 'Abandon':
      return [{ type: 'CartAbandoned', data: { ...command.data, ...worthOf(state) } }];
    case 'Remind':
      return (
        notDue(reminderOf(state, timing), command.at) ?? [{ type: 'CartReminded', data: worthOf(state) }]
      );
    case 'Expire':
      return notDue(expiryOf(state, timing), command.at) ?? [{ type: 'CartExpired', data: worthOf(state) }];
    default:
      return unknown(command);
  }
}

function create({ data, at, entityId = '' }: CommandNamed<'Create'>, state: CartState): CartDecision {
  if (state.status !== 'none') return no('CART.ALREADY_CREATED', 'a cart can be created only once');
  if (entityId.length > MAX_ID_LENGTH)
    return no('CART.ID_TOO_LONG', `the id has ${entityId.length} characters`);
  return [{ type: 'CartCreated', data: { ...data, changedAt: at } }];
}

function assignCustomer({ customerId }: { customerId: string }, at: string, state: CartState): CartDecision {
  if (state.customerId !== undefined) {
    return no('CART.CUSTOMER_ASSIGNED', `the cart belongs to ${state.customerId}`);
  }
  return [{ type: 'CustomerAssigned', data: { customerId, changedAt: at } }];
}

function worthOf(state: CartState) {
  const { currency } = state;
  const { total } = priceCart(state);
  return { pieces: piecesIn(state), total, ...(currency !== undefined && { currency }) };
}

function notOpen({ status }: CartState): Rejection | undefined {
  switch (status) {
    case 'checking-out':
      return no('CART.CHECKING_OUT', 'the cart takes no changes until the checkout has ended');
    case 'completed':
      return no('CART.COMPLETED', 'the cart was bought, which is final');
    case 'abandoned':
      return no('CART.ABANDONED', 'the cart was abandoned, which is final');
    case 'expired':
      return no('CART.EXPIRED', 'the cart has expired');
    default:
      return undefined;
  }
}

function notDue(due: string | undefined, at: string): Rejection | undefined {
  return due === undefined || due > at ? no('CART.NOT_DUE', `it is due ${due ?? 'never'}`) : undefined;
}

/** The contract accepts no other type. A new one fails to compile here. */
function unknown(command: never): never {
  throw new TypeError(`no rule for ${(command as CartCommand).type}`);
}
