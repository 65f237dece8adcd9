import { afterAll, describe, jest } from '@jest/globals';
import { accountContract } from '#contracts/account/account.contract.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { accountScenarios } from '../../apps/account/src/domain/account.scenarios.js';
import { onRunningServices } from './running-services.js';

jest.setTimeout(60_000);

const { stage, close } = onRunningServices(accountContract, accountDecider);
afterAll(close);

describe('an account on the whole stack', () => accountScenarios(stage));
