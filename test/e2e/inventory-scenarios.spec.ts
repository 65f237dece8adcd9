import { afterAll, describe, jest } from '@jest/globals';
import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import { inventoryDecider } from '../../apps/inventory/src/domain/inventory.decider.js';
import { inventoryScenarios } from '../../apps/inventory/src/domain/inventory.scenarios.js';
import { onRunningServices } from './running-services.js';

jest.setTimeout(60_000);

const { stage, close } = onRunningServices(inventoryContract, inventoryDecider);
afterAll(close);

describe('an item on the whole stack', () => inventoryScenarios(stage));
