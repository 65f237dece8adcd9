import { resolve } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { onTimeSkippingServer } from '#libs/testing/time-skipping.stage.js';
import { priceDecider } from '../../apps/inventory/src/domain/price.decider.js';
import { priceScenarios } from '../../apps/inventory/src/domain/price.scenarios.js';
import { withSomeScenarios } from '../support/depth.js';

const server = new TimeSkippingServer({
  deciders: [priceDecider],
  workflowBundle: resolve('dist/apps/inventory/workflows.bundle.js'),
});
beforeAll(() => server.open());
afterAll(() => server.close());

describe('a price list on the time-skipping server', () =>
  priceScenarios(withSomeScenarios('workflow price', onTimeSkippingServer('price', server))));
