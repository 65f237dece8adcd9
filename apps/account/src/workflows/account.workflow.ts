import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { accountDecider } from '../domain/account.decider.js';

export const account = entityWorkflow(accountDecider);
