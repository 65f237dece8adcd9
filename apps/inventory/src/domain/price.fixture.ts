import type { ListedPrice, PriceEvent } from '#contracts/price/price.contract.js';

const START = '2100-01-01T00:00:00.000Z';

type More = Partial<Pick<ListedPrice, 'currency' | 'validUntil'>>;

export function priceOf(unitPrice: number, validFrom = START, more: More = {}): ListedPrice {
  return { unitPrice, currency: 'USD', validFrom, ...more };
}

export function priceSet(unitPrice: number, more: More = {}, at = START): PriceEvent {
  return { type: 'PriceSet', data: priceOf(unitPrice, at, more) };
}

export function planned(unitPrice: number, validFrom: string, more: More = {}): PriceEvent {
  return { type: 'PricePlanned', data: priceOf(unitPrice, validFrom, more) };
}

export function began(unitPrice: number, validFrom: string, more: More = {}): PriceEvent {
  return { type: 'PriceBegan', data: priceOf(unitPrice, validFrom, more) };
}

export function priceEnded(price: ListedPrice): PriceEvent {
  return { type: 'PriceEnded', data: price };
}

export function priceWithdrawn(price: ListedPrice, withdrawnAt = START): PriceEvent {
  return { type: 'PriceWithdrawn', data: { ...price, withdrawnAt } };
}
