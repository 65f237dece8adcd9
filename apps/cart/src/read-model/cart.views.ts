import { registerView, type ViewRegistration } from '#libs/read-model/view-registration.js';
import { abandonedCartsView } from './abandoned-carts/abandoned-carts.projection.js';
import { cartsView } from './carts/carts.projection.js';

/** All read models of this service. */
export const cartViews: readonly ViewRegistration[] = [
  registerView(cartsView, new URL('./carts/migration.sql', import.meta.url)),
  registerView(abandonedCartsView, new URL('./abandoned-carts/migration.sql', import.meta.url)),
];
