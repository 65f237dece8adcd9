import { describe } from '@jest/globals';
import { inMemory } from '#libs/testing/memory.stage.js';
import { createCartDecider } from './cart.decider.js';
import { timing } from './cart.fixture.js';
import { cartScenarios } from './cart.scenarios.js';

describe('a cart', () => cartScenarios(inMemory(createCartDecider(timing))));
