import { describe } from '@jest/globals';
import { priceContract } from '#contracts/price/price.contract.js';
import { priceDecider } from '../../apps/inventory/src/domain/price.decider.js';
import { priceScenarios } from '../../apps/inventory/src/domain/price.scenarios.js';
import { fullStackOf } from '../support/full-stack.js';

describe('a price list on the whole stack', () => priceScenarios(fullStackOf(priceContract, priceDecider)));
