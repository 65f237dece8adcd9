import { accountContract } from '#contracts/account/account.contract.js';
import { transferContract } from '#contracts/transfer/transfer.contract.js';
import { hostSaga } from '#libs/operations/sagas/host-saga.js';
import type { Service } from '#libs/service/service.js';
import type { AccountConfig } from './account.config.js';
import { accountReads } from './api/account.reads.js';
import { accountDecider } from './domain/account.decider.js';
import { presentAccount } from './domain/account.view.js';
import { createTransferDecider } from './domain/transfer.saga.js';
import { accountViews } from './read-model/account.views.js';

/** What makes the account's service: the account, and the transfer from one to another. */
export function accountService(config?: AccountConfig): Service {
  return {
    name: 'account',
    entities: [
      {
        contract: accountContract,
        decider: accountDecider,
        present: presentAccount,
        views: accountViews,
        reads: accountReads,
      },
      hostSaga(transferContract, createTransferDecider(config?.SAGA_OVERDUE_SECONDS)),
    ],
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}
