import type { InventoryCommand, InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import type { Decider } from '#libs/core/decider.js';
import { inventoryDeadline } from './inventory.deadlines.js';
import { decideInventory } from './inventory.decide.js';
import { evolveInventory } from './inventory.evolve.js';
import { inventoryEffects, inventoryWithdraws } from './inventory.effects.js';
import { inventoryClaims, inventoryNames } from './inventory.names.js';
import { inventoryOwners } from './inventory.owners.js';
import { initialInventory, type InventoryState } from './inventory.state.js';

export const inventoryDecider: Decider<InventoryState, InventoryCommand, InventoryEvent> = {
  name: 'inventory',
  stateVersion: 5,
  initialState: initialInventory,
  decide: decideInventory,
  growing: ['Reserve', 'Adjust'],
  evolve: evolveInventory,
  deadline: inventoryDeadline,
  react: inventoryEffects,
  withdraws: inventoryWithdraws,
  names: inventoryNames,
  claims: inventoryClaims,
  owners: inventoryOwners,
};
