import type { CartRejectionCode } from '#contracts/cart/cart.rejections.js';
import { type Rejection, reject } from '#libs/core/rejection.js';

export function no(code: CartRejectionCode, detail: string): Rejection {
  return reject(code, detail);
}
