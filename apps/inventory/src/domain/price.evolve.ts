import type { ListedPrice, PriceEvent } from '#contracts/price/price.contract.js';
import type { PriceState } from './price.state.js';

export function evolvePrice(state: PriceState, event: PriceEvent): PriceState {
  switch (event.type) {
    case 'PriceSet':
      return { ...state, prices: [...withoutCurrency(state, event.data), event.data] };
    case 'PricePlanned':
      return { ...state, planned: [...state.planned, event.data].sort(byStart) };
    case 'PriceBegan': {
      const prices = [...withoutCurrency(state, event.data), event.data];
      return { prices, planned: without(state.planned, event.data) };
    }
    case 'PriceEnded':
    case 'PriceWithdrawn': {
      const { prices, planned } = state;
      return { prices: without(prices, event.data), planned: without(planned, event.data) };
    }
    default:
      return unchanged(state, event);
  }
}

type Named = Pick<ListedPrice, 'currency' | 'validFrom'>;

function withoutCurrency({ prices }: PriceState, { currency }: Named): readonly ListedPrice[] {
  return prices.filter((price) => price.currency !== currency);
}

/** The start tells apart the prices in a currency: two of them never begin at the same time. */
function without(prices: readonly ListedPrice[], { currency, validFrom }: Named): readonly ListedPrice[] {
  return prices.filter((price) => price.currency !== currency || price.validFrom !== validFrom);
}

function byStart(one: ListedPrice, other: ListedPrice): number {
  if (one.validFrom !== other.validFrom) return one.validFrom < other.validFrom ? -1 : 1;
  return one.currency < other.currency ? -1 : 1;
}

/** An event of a later version of this program. */
function unchanged(state: PriceState, _event: never): PriceState {
  return state;
}
