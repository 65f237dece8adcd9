import { describe } from '@jest/globals';
import { inMemory } from '#libs/testing/memory.stage.js';
import { accountDecider } from './account.decider.js';
import { accountScenarios } from './account.scenarios.js';

describe('an account', () => accountScenarios(inMemory(accountDecider)));
