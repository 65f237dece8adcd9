import { accountContract } from '#contracts/account/account.contract.js';
import type { EntityService } from '#libs/service/entity-service.js';
import { createAccountActivities } from './activities/account.activities.js';
import { accountReads } from './api/account.reads.js';
import { accountDecider } from './domain/account.decider.js';
import { presentAccount } from './domain/account.view.js';
import { accountViews } from './read-model/account.views.js';

/** What makes the account's service. */
export function accountService(): EntityService {
  return {
    contract: accountContract,
    decider: accountDecider,
    present: presentAccount,
    activities: createAccountActivities,
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
    views: accountViews,
    reads: accountReads,
  };
}
