import { registerView, type ViewRegistration } from '#libs/read-model/view-registration.js';
import { bestSellersView } from './best-sellers/best-sellers.projection.js';
import { reservationsView } from './reservations/reservations.projection.js';
import { stockView } from './stock/stock.projection.js';

/** All read models of this service. */
export const inventoryViews: readonly ViewRegistration[] = [
  registerView(stockView, new URL('./stock/migration.sql', import.meta.url)),
  registerView(reservationsView, new URL('./reservations/migration.sql', import.meta.url)),
  registerView(bestSellersView, new URL('./best-sellers/migration.sql', import.meta.url)),
];
