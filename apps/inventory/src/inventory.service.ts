import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import type { Service } from '#libs/service/service.js';
import { inventoryReads } from './api/inventory.reads.js';
import { inventoryDecider } from './domain/inventory.decider.js';
import { presentInventory } from './domain/inventory.view.js';
import { inventoryViews } from './read-model/inventory.views.js';

/** What makes the inventory's service. */
export function inventoryService(): Service {
  return {
    name: 'inventory',
    entities: [
      {
        contract: inventoryContract,
        decider: inventoryDecider,
        present: presentInventory,
        views: inventoryViews,
        reads: inventoryReads,
      },
    ],
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}
