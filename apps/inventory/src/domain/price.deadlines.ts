import type { Deadline } from '#libs/core/decider.js';
import type { PriceState } from './price.state.js';

/** The next price to end or to begin. One that ends when another begins ends first. */
export function priceDeadline({ prices, planned }: PriceState): Deadline | undefined {
  let first: Deadline | undefined;
  for (const { currency, validUntil } of prices) {
    if (validUntil === undefined || (first && first.at <= validUntil)) continue;
    const command = { type: 'EndPrice', data: { currency, validUntil } };
    first = { at: validUntil, subject: `end-${currency}`, command };
  }
  const [next] = planned;
  if (!next || (first && first.at <= next.validFrom)) return first;
  const { currency, validFrom } = next;
  const command = { type: 'BeginPrice', data: { currency, validFrom } };
  return { at: validFrom, subject: `begin-${currency}`, command };
}
