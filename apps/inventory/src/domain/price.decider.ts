import type { PriceCommand, PriceEvent } from '#contracts/price/price.contract.js';
import type { Decider } from '#libs/core/decider.js';
import { priceDeadline } from './price.deadlines.js';
import { decidePrice } from './price.decide.js';
import { evolvePrice } from './price.evolve.js';
import { initialPrices, type PriceState } from './price.state.js';

export const priceDecider: Decider<PriceState, PriceCommand, PriceEvent> = {
  name: 'price',
  stateVersion: 1,
  initialState: initialPrices,
  decide: decidePrice,
  growing: ['SetPrice'],
  evolve: evolvePrice,
  deadline: priceDeadline,
};
