import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { priceDecider } from '../domain/price.decider.js';

export const price = entityWorkflow(priceDecider);
