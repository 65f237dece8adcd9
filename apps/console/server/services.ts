import type { ConsoleConfig } from './console.config.js';

/** A service behind the front server. */
export interface Service {
  readonly name: string;
  readonly url: string;
  /** What of `/v1` is passed on to it. */
  readonly prefixes: readonly string[];
}

export function servicesOf({ ACCOUNT_URL, CART_URL, INVENTORY_URL }: ConsoleConfig): readonly Service[] {
  return [
    {
      name: 'account',
      url: ACCOUNT_URL,
      prefixes: ['/v1/accounts', '/v1/transfers', '/v1/operations/account'],
    },
    {
      name: 'cart',
      url: CART_URL,
      prefixes: ['/v1/carts', '/v1/checkouts', '/v1/abandoned-carts', '/v1/operations/cart'],
    },
    {
      name: 'inventory',
      url: INVENTORY_URL,
      prefixes: ['/v1/inventory', '/v1/reservations', '/v1/best-sellers', '/v1/operations/inventory'],
    },
  ];
}
