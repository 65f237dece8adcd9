import { describe } from '@jest/globals';
import { inMemory } from '#libs/testing/memory.stage.js';
import { approvalDecider } from './approval.decider.js';
import { approvalScenarios } from './approval.scenarios.js';

describe('an approval', () => approvalScenarios(inMemory(approvalDecider)));
