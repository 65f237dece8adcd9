import { requestApproval, requestKey } from '#libs/core/approval-limit.js';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import type { Effect } from '#libs/core/effect.js';
import { contentOf } from './inventory-adjustments.decide.js';
import type { InventoryState } from './inventory.state.js';

/** A requested correction asks for its approval. */
export function inventoryEffects(
  { type, data }: InventoryEvent,
  { approvalLimit }: InventoryState,
  id: string,
): readonly Effect[] {
  if (type !== 'AdjustmentRequested' || !approvalLimit) return [];
  const subject = `Correction of item ${id}`.slice(0, 200);
  return [requestApproval(data, approvalLimit, subject, contentOf(id, data))];
}

/** Once a request has ended, its approval need not be requested any more. */
export function inventoryWithdraws({ type, data }: InventoryEvent): readonly string[] {
  return type === 'AdjustmentApproved' || type === 'AdjustmentRefused' ? [requestKey(data.approvalId)] : [];
}
