import { approvalContract } from '#contracts/approval/approval.contract.js';
import type { Service } from '#libs/service/service.js';
import { approvalDecider } from './domain/approval.decider.js';
import { presentApproval } from './domain/approval.view.js';
import { approvalsView } from './read-model/approvals/approvals.projection.js';
import { approvalList } from './read-model/approvals/approvals.queries.js';

/** The desk service: approvals, which people decide. */
export function deskService(): Service {
  return {
    name: 'desk',
    entities: [
      {
        contract: approvalContract,
        decider: approvalDecider,
        present: presentApproval,
        views: [approvalsView],
        reads: [approvalList],
      },
    ],
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}
