import { describe } from '@jest/globals';
import { inMemory } from '#libs/testing/memory.stage.js';
import { priceDecider } from './price.decider.js';
import { priceScenarios } from './price.scenarios.js';

describe('a price list', () => priceScenarios(inMemory(priceDecider)));
