import { afterAll, beforeAll, describe } from '@jest/globals';
import { onTimeSkippingServer } from '#libs/testing/time-skipping.stage.js';
import { accountApprovalScenarios } from '../../apps/account/src/domain/account-approvals.scenarios.js';
import { accountScenarios } from '../../apps/account/src/domain/account.scenarios.js';
import { accountServer } from './account-server.js';
import { withSomeScenarios } from '../support/depth.js';

const server = accountServer();
beforeAll(() => server.open());
afterAll(() => server.close());

describe('an account on the time-skipping server', () => {
  const stage = withSomeScenarios('workflow account', onTimeSkippingServer('account', server));
  accountScenarios(stage);
  accountApprovalScenarios(stage);
});
