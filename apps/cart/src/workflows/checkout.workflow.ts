import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { checkoutFolding } from '../domain/checkout.saga.js';

export const checkout = entityWorkflow(checkoutFolding);
