import { Cart } from '#contracts/cart/cart.kind.js';
import type { CartReminderTypes } from '#contracts/cart-reminder/cart-reminder.kind.js';
import { callPolicy, type FlowFunction } from '#libs/core/flow/flow.js';
import type { JsonObject } from '#libs/core/json.js';
import { type CartState, piecesIn } from '../domain/cart.state.js';

type Mail = { readonly to: string; readonly subject: string; readonly text: string };

/** How mail is sent. */
export const cartReminderCalls = { 'send-mail': callPolicy<Mail, JsonObject>() };

/** After so many changes, the flow begins a new round with an empty history. */
const MOST_CHANGES = 500;

/** Sends a mail once nothing has happened in a cart for some time, if it still has to be bought. */
export const remindOfCart: FlowFunction<CartReminderTypes, typeof cartReminderCalls> = async (
  { cart, to, after },
  f,
) => {
  let changes = 0;
  while (await f.receive('CartChanged', { timeout: after })) {
    changes += 1;
    if (changes === MOST_CHANGES) f.continueWith({});
  }
  const state = (await f.entity(Cart, cart).ask()) as CartState | undefined;
  if (state?.status !== 'open' || state.lines.length === 0) return { status: 'not-needed' };
  const text = `There are ${piecesIn(state)} pieces in your cart. They are not reserved for you.`;
  await f.call('send-mail', { to, subject: 'Your cart is waiting', text });
  return { status: 'sent' };
};
