import type { AnyDecider } from '#libs/core/decider.js';
import type { EntityDefinition, Service } from '#libs/service/service.js';
import { accountService } from '../../apps/account/src/account.service.js';
import { cartConfig } from '../../apps/cart/src/cart.config.js';
import { cartService } from '../../apps/cart/src/cart.service.js';
import { deskConfig } from '../../apps/desk/src/desk.config.js';
import { deskService } from '../../apps/desk/src/desk.service.js';
import { inventoryConfig } from '../../apps/inventory/src/inventory.config.js';
import { inventoryService } from '../../apps/inventory/src/inventory.service.js';

/** Sagas and flows have their own suites. */
const ENTITIES: readonly string[] = ['account', 'cart', 'inventory', 'price', 'callback'];

/**
 * The services without effects that follow from a command, so that only the command itself is
 * observed.
 */
export const services: readonly Service[] = [
  accountService(),
  cartService(cartConfig.parse({})),
  inventoryService(inventoryConfig.parse({})),
  deskService(deskConfig.parse({})),
].map((service) => ({
  ...service,
  entities: service.entities.filter(isEntity).map(withoutEffects),
}));

/** Their entities' deciders, by category. */
export const deciders: Readonly<Record<string, AnyDecider>> = Object.fromEntries(
  services.flatMap(({ entities }) => entities.map(({ decider }) => [decider.name, decider] as const)),
);

function isEntity({ contract }: EntityDefinition): boolean {
  return ENTITIES.includes(contract.name);
}

function withoutEffects(entity: EntityDefinition): EntityDefinition {
  const { react: _, ...decider } = entity.decider;
  return { ...entity, decider };
}
