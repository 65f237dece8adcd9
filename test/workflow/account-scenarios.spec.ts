import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { onTimeSkippingServer } from '#libs/testing/time-skipping.stage.js';
import { accountApprovalScenarios } from '../../apps/account/src/domain/account-approvals.scenarios.js';
import { accountScenarios } from '../../apps/account/src/domain/account.scenarios.js';
import { accountServer } from './account-server.js';
import { withSomeScenarios } from '../support/depth.js';

jest.setTimeout(60_000);

const server = accountServer();
beforeAll(() => server.open());
afterAll(() => server.close());

describe('an account on the time-skipping server', () => {
  const stage = withSomeScenarios('workflow account', onTimeSkippingServer('account', server));
  accountScenarios(stage);
  accountApprovalScenarios(stage);
});
