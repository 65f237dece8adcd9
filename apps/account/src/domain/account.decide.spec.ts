import { describe } from '@jest/globals';
import { inMemory } from '#libs/testing/memory.stage.js';
import { accountApprovalScenarios } from './account-approvals.scenarios.js';
import { accountDecider } from './account.decider.js';
import { accountScenarios } from './account.scenarios.js';

describe('an account', () => accountScenarios(inMemory(accountDecider)));

describe('an account', () => accountApprovalScenarios(inMemory(accountDecider)));
