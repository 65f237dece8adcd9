import { describe } from '@jest/globals';
import { inMemory } from '#libs/testing/memory.stage.js';
import { callbackDecider } from './callback.decider.js';
import { callbackScenarios } from './callback.scenarios.js';

describe('a callback', () => callbackScenarios(inMemory(callbackDecider)));
