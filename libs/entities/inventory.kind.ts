import type { InventoryCommand } from '#contracts/inventory/inventory.contract.js';
import { entityKind } from './entity.js';

export const Item = entityKind<InventoryCommand>('inventory');
