import { resolve } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { onTimeSkippingServer } from '#libs/testing/time-skipping.stage.js';
import { inventoryDecider } from '../../apps/inventory/src/domain/inventory.decider.js';
import { inventoryScenarios } from '../../apps/inventory/src/domain/inventory.scenarios.js';
import { withSomeScenarios } from '../support/depth.js';

const server = new TimeSkippingServer({
  deciders: [inventoryDecider],
  workflowBundle: resolve('dist/apps/inventory/workflows.bundle.js'),
});
beforeAll(() => server.open());
afterAll(() => server.close());

describe('an item on the time-skipping server', () =>
  inventoryScenarios(withSomeScenarios('workflow inventory', onTimeSkippingServer('inventory', server))));
