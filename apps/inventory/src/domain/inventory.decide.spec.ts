import { describe } from '@jest/globals';
import { inMemory } from '#libs/testing/memory.stage.js';
import { inventoryDecider } from './inventory.decider.js';
import { inventoryScenarios } from './inventory.scenarios.js';

describe('an item', () => inventoryScenarios(inMemory(inventoryDecider)));
