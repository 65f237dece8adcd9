import type { ListedPrice, PriceList } from './price.contract.js';

/**
 * The prices of a list that are valid at a time, one in each currency. The list itself may be late:
 * a planned price counts from its start, and an ended one no longer, even if the list has not
 * recorded that yet. A price that the list shows as valid counts even if the clock of the reader is
 * behind.
 */
export function pricesAt({ prices, planned }: PriceList, at: string): readonly ListedPrice[] {
  const begun = planned.filter(({ validFrom }) => validFrom <= at);
  const latest = new Map([...prices, ...begun].map((price) => [price.currency, price]));
  return [...latest.values()].filter(({ validUntil }) => validUntil === undefined || validUntil > at);
}
