import { accountContract } from '#contracts/account/account.contract.js';
import { cardOperationContract } from '#contracts/card-operation/card-operation.contract.js';
import { cardPaymentContract } from '#contracts/card-payment/card-payment.contract.js';
import { interestRunContract } from '#contracts/interest-run/interest-run.contract.js';
import { transferContract } from '#contracts/transfer/transfer.contract.js';
import { hostFlow } from '#libs/operations/flows/host-flow.js';
import { listEntitiesCall } from '#libs/operations/flows/list-entities.call.js';
import { auditModule } from '#libs/operations/audit/audit.module.js';
import { auditDocument } from '#libs/operations/audit/audit.openapi.js';
import { schedulesModule } from '#libs/operations/schedules/schedules.module.js';
import { schedulesDocument } from '#libs/operations/schedules/schedules.openapi.js';
import { hostSaga } from '#libs/operations/sagas/host-saga.js';
import { workersModule } from '#libs/operations/workers/workers.module.js';
import { workersDocument } from '#libs/operations/workers/workers.openapi.js';
import type { Engines } from '#libs/service/engines.js';
import type { Service } from '#libs/service/service.js';
import { cardCalls } from './activities/card.calls.js';
import type { AccountConfig } from './account.config.js';
import { accountSchedules } from './account.schedules.js';
import { findDeposit } from './api/find-deposit.js';
import { accountDecider } from './domain/account.decider.js';
import { presentAccount } from './domain/account.view.js';
import { createTransferDecider } from './domain/transfer.saga.js';
import { accountInterestLeaf } from './interest/account-interest.leaf.js';
import { accountsView } from './read-model/accounts/accounts.projection.js';
import { accountList } from './read-model/accounts/accounts.queries.js';
import { statementView } from './read-model/statement/statement.projection.js';
import { accountStatement } from './read-model/statement/statement.queries.js';

/** The account service: accounts, their interest, transfers between them, and payments by card. */
export function accountService(config?: AccountConfig): Service {
  return {
    name: 'account',
    entities: [
      {
        contract: accountContract,
        decider: accountDecider,
        present: presentAccount,
        complete: { ReverseDeposit: findDeposit },
        views: [accountsView, statementView],
        reads: [accountList, accountStatement],
      },
      hostSaga(transferContract, createTransferDecider(config?.SAGA_OVERDUE_SECONDS)),
      hostFlow(cardPaymentContract, { listsAll: true }),
      hostFlow(cardOperationContract),
      hostFlow(interestRunContract, { spreads: true }),
    ],
    managesApiKeys: true,
    modules: [schedulesModule(), workersModule(), auditModule()],
    documents: [schedulesDocument(), workersDocument(), auditDocument()],
    ...(config && {
      schedules: accountSchedules(config),
      calls: (engines: Engines) => ({
        ...cardCalls(config.CARD_PROVIDER_URL, config.CARD_WEBHOOKS),
        'list-accounts': listEntitiesCall(engines, accountDecider),
      }),
    }),
    leaves: [accountInterestLeaf],
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}
