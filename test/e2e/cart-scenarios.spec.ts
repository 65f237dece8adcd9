import { describe } from '@jest/globals';
import { cartContract } from '#contracts/cart/cart.contract.js';
import { createCartDecider } from '../../apps/cart/src/domain/cart.decider.js';
import { timing } from '../../apps/cart/src/domain/cart.fixture.js';
import { cartScenarios } from '../../apps/cart/src/domain/cart.scenarios.js';
import { fullStackOf } from '../support/full-stack.js';

describe('a cart on the whole stack', () =>
  cartScenarios(fullStackOf(cartContract, createCartDecider(timing))));
