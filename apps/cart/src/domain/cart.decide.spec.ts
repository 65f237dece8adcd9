import { describe } from '@jest/globals';
import { inMemory } from '#libs/testing/memory.stage.js';
import { cartCheckoutScenarios } from './cart-checkout.scenarios.js';
import { createCartDecider } from './cart.decider.js';
import { timing } from './cart.fixture.js';
import { cartScenarios } from './cart.scenarios.js';

const stage = inMemory(createCartDecider(timing));

describe('a cart', () => cartScenarios(stage));
describe('a cart on its way', () => cartCheckoutScenarios(stage));
