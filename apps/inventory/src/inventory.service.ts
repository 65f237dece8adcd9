import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import type { Service } from '#libs/service/service.js';
import { inventoryDecider } from './domain/inventory.decider.js';
import { presentInventory } from './domain/inventory.view.js';
import { bestSellersView } from './read-model/best-sellers/best-sellers.projection.js';
import { bestSellerList } from './read-model/best-sellers/best-sellers.queries.js';
import { reservationsView } from './read-model/reservations/reservations.projection.js';
import { reservationList } from './read-model/reservations/reservations.queries.js';
import { stockView } from './read-model/stock/stock.projection.js';
import { stockList } from './read-model/stock/stock.queries.js';

/** The inventory service. */
export function inventoryService(): Service {
  return {
    name: 'inventory',
    entities: [
      {
        contract: inventoryContract,
        decider: inventoryDecider,
        present: presentInventory,
        views: [stockView, reservationsView, bestSellersView],
        reads: [stockList, reservationList, bestSellerList],
      },
    ],
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}
