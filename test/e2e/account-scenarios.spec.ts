import { describe } from '@jest/globals';
import { accountContract } from '#contracts/account/account.contract.js';
import { accountApprovalScenarios } from '../../apps/account/src/domain/account-approvals.scenarios.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { accountScenarios } from '../../apps/account/src/domain/account.scenarios.js';
import { fullStackOf } from '../support/full-stack.js';

describe('an account on the whole stack', () => {
  const stage = fullStackOf(accountContract, accountDecider);
  accountScenarios(stage);
  accountApprovalScenarios(stage);
});
