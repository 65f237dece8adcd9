import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import type { Service } from '#libs/service/service.js';
import { inventoryDecider } from './domain/inventory.decider.js';
import { presentInventory } from './domain/inventory.view.js';

/** What makes the inventory's service. */
export function inventoryService(): Service {
  return {
    name: 'inventory',
    entities: [
      {
        contract: inventoryContract,
        decider: inventoryDecider,
        present: presentInventory,
        views: [],
        reads: [],
      },
    ],
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}
