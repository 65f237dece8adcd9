import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { inventoryDecider } from '../domain/inventory.decider.js';

export const inventory = entityWorkflow(inventoryDecider);
