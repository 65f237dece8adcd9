import { describe } from '@jest/globals';
import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import { inventoryDecider } from '../../apps/inventory/src/domain/inventory.decider.js';
import { inventoryScenarios } from '../../apps/inventory/src/domain/inventory.scenarios.js';
import { fullStackOf } from '../support/full-stack.js';

describe('an item on the whole stack', () =>
  inventoryScenarios(fullStackOf(inventoryContract, inventoryDecider)));
