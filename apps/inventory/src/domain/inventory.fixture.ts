import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';

type DataOf<Type> = Extract<InventoryEvent, { type: Type }>['data'];
type Ending = 'ReservationConfirmed' | 'ReservationReleased' | 'ReservationExpired' | 'ReservationReturned';
type WaitEnding = 'WaitCancelled' | 'WaitExpired' | 'WaitDeclined';

export function received(quantity: number): InventoryEvent {
  return { type: 'StockReceived', data: { quantity } };
}

export function adjusted(by: number): InventoryEvent {
  return { type: 'StockAdjusted', data: { by, reason: 'counted' } };
}

export function reserved(
  reservationId: string,
  quantity: number,
  more: Pick<DataOf<'StockReserved'>, 'expiresAt' | 'cartId' | 'servedAt' | 'ownedBy'> = {},
): InventoryEvent {
  return { type: 'StockReserved', data: { reservationId, quantity, ...more } };
}

export function queued(
  reservationId: string,
  quantity: number,
  waitUntil: string,
  more: Pick<DataOf<'ReservationQueued'>, 'ttlSeconds' | 'cartId' | 'ownedBy'> = {},
): InventoryEvent {
  return { type: 'ReservationQueued', data: { reservationId, quantity, waitUntil, ...more } };
}

export function ended(
  type: Ending | WaitEnding,
  reservationId: string,
  quantity: number,
  endedAt = '2100-01-01T00:00:00.000Z',
): InventoryEvent {
  return { type, data: { reservationId, quantity, endedAt } };
}

export function lowStock(available: number, reorderPoint: number): InventoryEvent {
  return { type: 'LowStock', data: { available, reorderPoint } };
}

export function reorderPointSet(reorderPoint: number): InventoryEvent {
  return { type: 'ReorderPointSet', data: { reorderPoint } };
}

export function waitLimitSet(pieces: number): InventoryEvent {
  return { type: 'WaitLimitSet', data: { pieces } };
}

export function backInStock(available: number): InventoryEvent {
  return { type: 'BackInStock', data: { available } };
}

export const discontinued: InventoryEvent = { type: 'StockDiscontinued', data: { reason: 'no maker' } };

/** Three days after the start of every scenario. */
const inThreeDays = '2100-01-04T00:00:00.000Z';
export const contentHash = 'a'.repeat(64);
export const limitRemoved: InventoryEvent = { type: 'ApprovalLimitRemoved', data: {} };

export function limitSet(pieces: number): InventoryEvent {
  const approvers = { candidates: ['role:supervisor'], needed: 1, withinSeconds: 259_200 };
  return { type: 'ApprovalLimitSet', data: { ...approvers, pieces } };
}

export function adjustmentRequested(approvalId: string, by: number): InventoryEvent {
  const approval = { approvalId, contentHash, deadline: inThreeDays };
  return { type: 'AdjustmentRequested', data: { ...approval, by, reason: 'counted' } };
}

export function adjustmentApproved(approvalId: string, by: number): InventoryEvent {
  return { type: 'AdjustmentApproved', data: { approvalId, by, approvedBy: ['tom'] } };
}

export function adjustmentRefused(
  approvalId: string,
  by: number,
  because: DataOf<'AdjustmentRefused'>['because'],
  reason?: string,
): InventoryEvent {
  const data = { approvalId, by, because, ...(reason !== undefined && { reason }) };
  return { type: 'AdjustmentRefused', data };
}
