import type { Service } from '#libs/service/service.js';
import { accountService } from '../../apps/account/src/account.service.js';
import { cartConfig } from '../../apps/cart/src/cart.config.js';
import { cartService } from '../../apps/cart/src/cart.service.js';
import { deskConfig } from '../../apps/desk/src/desk.config.js';
import { deskService } from '../../apps/desk/src/desk.service.js';
import { inventoryConfig } from '../../apps/inventory/src/inventory.config.js';
import { inventoryService } from '../../apps/inventory/src/inventory.service.js';

/** All services with their defaults. */
export function allServices(): readonly Service[] {
  return [
    accountService(),
    cartService(cartConfig.parse({})),
    inventoryService(inventoryConfig.parse({})),
    deskService(deskConfig.parse({})),
  ];
}
