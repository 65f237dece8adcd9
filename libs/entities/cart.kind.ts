import type { CartCommand } from '#contracts/cart/cart.contract.js';
import { entityKind } from './entity.js';

export const Cart = entityKind<CartCommand>('cart');
