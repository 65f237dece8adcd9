import { resolve } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { onTimeSkippingServer } from '#libs/testing/time-skipping.stage.js';
import { callbackDecider } from '../../apps/desk/src/domain/callback.decider.js';
import { callbackScenarios } from '../../apps/desk/src/domain/callback.scenarios.js';
import { withSomeScenarios } from '../support/depth.js';

const server = new TimeSkippingServer({
  deciders: [callbackDecider],
  workflowBundle: resolve('dist/apps/desk/workflows.bundle.js'),
});
beforeAll(() => server.open());
afterAll(() => server.close());

describe('a callback on the time-skipping server', () =>
  callbackScenarios(withSomeScenarios('workflow callback', onTimeSkippingServer('callback', server))));
