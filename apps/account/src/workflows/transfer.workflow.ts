import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { transferDecider } from '../domain/transfer.saga.js';

export const transfer = entityWorkflow(transferDecider);
