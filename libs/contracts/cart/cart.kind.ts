import type { CartCommand } from './cart.contract.js';
import { entityKind } from '#libs/core/entity.js';

export const Cart = entityKind<CartCommand>('cart');
