import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { callbackDecider } from '../domain/callback.decider.js';

export const callback = entityWorkflow(callbackDecider);
