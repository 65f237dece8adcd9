import type { RejectionContract } from '../entity-contract.js';

/** Every code with which the rules of a price list reject. */
export const priceRejections = {
  'PRICE.NOT_FOUND': { status: 404, title: 'There is no such price' },
  'PRICE.SAME': { status: 409, title: 'The price is already valid for that long' },
  'PRICE.PERIOD_INVALID': {
    status: 422,
    title: 'The price would begin in the past, end before it begins, or do so over ten years from now',
  },
  'PRICE.START_TAKEN': { status: 409, title: 'Another planned price in this currency begins at that time' },
  'PRICE.PLANNED_LIMIT': { status: 409, title: 'The item has 100 planned prices' },
  'PRICE.CURRENCY_LIMIT': { status: 409, title: 'The item has prices in 50 currencies' },
  'PRICE.NOT_DUE': { status: 409, title: 'The price is not due to begin or to end' },
} as const satisfies Record<string, RejectionContract>;

/** One of the codes above. */
export type PriceRejectionCode = keyof typeof priceRejections;
