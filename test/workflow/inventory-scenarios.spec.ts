import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { onTimeSkippingServer } from '#libs/testing/time-skipping.stage.js';
import { inventoryDecider } from '../../apps/inventory/src/domain/inventory.decider.js';
import { inventoryScenarios } from '../../apps/inventory/src/domain/inventory.scenarios.js';

jest.setTimeout(60_000);

const workflowBundle = resolve('dist/apps/inventory/workflows.bundle.js');
const server = new TimeSkippingServer({ deciders: [inventoryDecider], workflowBundle });
beforeAll(() => server.open());
afterAll(() => server.close());

describe('an item on the time-skipping server', () =>
  inventoryScenarios(onTimeSkippingServer('inventory', server)));
