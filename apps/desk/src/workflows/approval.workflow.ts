import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { approvalDecider } from '../domain/approval.decider.js';

export const approval = entityWorkflow(approvalDecider);
