import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import { priceContract } from '#contracts/price/price.contract.js';
import type { Service } from '#libs/service/service.js';
import { inventoryDecider } from './domain/inventory.decider.js';
import { presentInventory } from './domain/inventory.view.js';
import { priceDecider } from './domain/price.decider.js';
import { presentPrices } from './domain/price.view.js';
import { bestSellersView } from './read-model/best-sellers/best-sellers.projection.js';
import { bestSellerList } from './read-model/best-sellers/best-sellers.queries.js';
import { pricesView } from './read-model/prices/prices.projection.js';
import { priceList } from './read-model/prices/prices.queries.js';
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
      {
        contract: priceContract,
        decider: priceDecider,
        present: presentPrices,
        views: [pricesView],
        reads: [priceList],
      },
    ],
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}
