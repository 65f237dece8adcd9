import { resolve } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { onTimeSkippingServer } from '#libs/testing/time-skipping.stage.js';
import { approvalDecider } from '../../apps/desk/src/domain/approval.decider.js';
import { approvalScenarios } from '../../apps/desk/src/domain/approval.scenarios.js';
import { withSomeScenarios } from '../support/depth.js';

const server = new TimeSkippingServer({
  deciders: [approvalDecider],
  workflowBundle: resolve('dist/apps/desk/workflows.bundle.js'),
});
beforeAll(() => server.open());
afterAll(() => server.close());

describe('an approval on the time-skipping server', () =>
  approvalScenarios(withSomeScenarios('workflow approval', onTimeSkippingServer('approval', server))));
