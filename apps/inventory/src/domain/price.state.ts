import type { ListedPrice, PriceList } from '#contracts/price/price.contract.js';

/** Other services read it as it is, so a field that it has keeps its meaning. */
export type PriceState = PriceList;

export const MAX_PLANNED = 100;
export const MAX_CURRENCIES = 50;

export const initialPrices: PriceState = { prices: [], planned: [] };

/** The valid price in a currency. */
export function findPrice({ prices }: PriceState, currency: string): ListedPrice | undefined {
  return prices.find((price) => price.currency === currency);
}

/** The planned price that begins at a time. */
export function findPlanned(
  { planned }: PriceState,
  { currency, validFrom }: Pick<ListedPrice, 'currency' | 'validFrom'>,
): ListedPrice | undefined {
  return planned.find((price) => price.currency === currency && price.validFrom === validFrom);
}
