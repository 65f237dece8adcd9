import { describe } from '@jest/globals';
import { approvalContract } from '#contracts/approval/approval.contract.js';
import { approvalDecider } from '../../apps/desk/src/domain/approval.decider.js';
import { approvalScenarios } from '../../apps/desk/src/domain/approval.scenarios.js';
import { fullStackOf } from '../support/full-stack.js';

describe('an approval on the whole stack', () =>
  approvalScenarios(fullStackOf(approvalContract, approvalDecider)));
