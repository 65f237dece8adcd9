import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import type { EntityService } from '#libs/service/entity-service.js';
import { createInventoryActivities } from './activities/inventory.activities.js';
import { inventoryDecider } from './domain/inventory.decider.js';
import { presentInventory } from './domain/inventory.view.js';

/** What makes the inventory's service. */
export function inventoryService(): EntityService {
  return {
    contract: inventoryContract,
    decider: inventoryDecider,
    present: presentInventory,
    activities: createInventoryActivities,
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
    views: [],
    reads: [],
  };
}
