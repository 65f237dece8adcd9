import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { cartFolding } from '../domain/cart.decider.js';

export const cart = entityWorkflow(cartFolding);
