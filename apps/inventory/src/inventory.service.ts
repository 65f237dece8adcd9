import { Pool } from 'pg';
import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import { lowStockDigestContract } from '#contracts/low-stock-digest/low-stock-digest.contract.js';
import { stockImportContract } from '#contracts/stock-import/stock-import.contract.js';
import { priceContract } from '#contracts/price/price.contract.js';
import { openBlobStore } from '#libs/blob/open-blob-store.js';
import { mailCalls } from '#libs/entity/activities/mail-calls.js';
import { hostFlow } from '#libs/operations/flows/host-flow.js';
import { databaseOf } from '#libs/service/database-config.js';
import type { Service } from '#libs/service/service.js';
import { checkStockFileCall } from './activities/check-stock-file.call.js';
import { lowStockCall } from './activities/low-stock.call.js';
import { inventoryDecider } from './domain/inventory.decider.js';
import { presentInventory } from './domain/inventory.view.js';
import { priceDecider } from './domain/price.decider.js';
import { presentPrices } from './domain/price.view.js';
import { stockImportList } from './imports/stock-import.queries.js';
import { stockImportsDocument } from './imports/stock-imports.openapi.js';
import { stockImportsModule } from './imports/stock-imports.module.js';
import { stockRowsLeaf } from './imports/stock-rows.leaf.js';
import type { InventoryConfig } from './inventory.config.js';
import { inventorySchedules } from './inventory.schedules.js';
import { bestSellersView } from './read-model/best-sellers/best-sellers.projection.js';
import { bestSellerList } from './read-model/best-sellers/best-sellers.queries.js';
import { pricesView } from './read-model/prices/prices.projection.js';
import { priceList } from './read-model/prices/prices.queries.js';
import { reservationsView } from './read-model/reservations/reservations.projection.js';
import { reservationList } from './read-model/reservations/reservations.queries.js';
import { stockView } from './read-model/stock/stock.projection.js';
import { stockList } from './read-model/stock/stock.queries.js';

/** How long the query of a digest may take. */
const QUERY_MILLISECONDS = 10_000;

/**
 * The inventory service: items in stock, price lists, a digest of what is low, and imports of
 * stock.
 */
export function inventoryService(config: InventoryConfig): Service {
  const blobs = openBlobStore(config.BLOB_STORE_URL);
  const stockImport = hostFlow(stockImportContract);
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
      hostFlow(lowStockDigestContract),
      { ...stockImport, reads: [...stockImport.reads, ...stockImport.views.map(stockImportList)] },
    ],
    schedules: inventorySchedules(config),
    calls: {
      'low-stock': lowStockCall(poolOf(config)),
      ...mailCalls(config.MAIL_URL, config.MAIL_FROM),
      'check-stock-file': checkStockFileCall(blobs),
    },
    leaves: [stockRowsLeaf],
    modules: [stockImportsModule(blobs)],
    documents: [stockImportsDocument()],
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}

/** For the digest alone, which runs once a day: it connects when it is used. */
function poolOf(config: InventoryConfig): Pool {
  const bounded = { query_timeout: QUERY_MILLISECONDS, connectionTimeoutMillis: QUERY_MILLISECONDS };
  const pool = new Pool({ ...databaseOf(config), ...bounded, max: 1, allowExitOnIdle: true });
  // An idle connection that ends is replaced when it is needed.
  pool.on('error', () => undefined);
  return pool;
}
