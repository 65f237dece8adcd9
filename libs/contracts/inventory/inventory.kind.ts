import type { InventoryCommand } from './inventory.contract.js';
import { entityKind } from '#libs/core/entity.js';

export const Item = entityKind<InventoryCommand>('inventory');
