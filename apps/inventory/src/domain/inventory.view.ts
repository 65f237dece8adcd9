import { available, type InventoryState, waitLimitOf } from './inventory.state.js';

/** The live state as clients see it (`inventoryContract.view`). */
export function presentInventory(state: InventoryState) {
  const { status, onHand, reserved, received, adjusted, sold, reorderPoint, reservations, waiting } = state;
  const { approvalLimit, requests = [] } = state;
  return {
    status,
    onHand,
    reserved,
    available: available(state),
    received,
    adjusted,
    sold,
    ...(reorderPoint !== undefined && { reorderPoint }),
    waitLimit: waitLimitOf(state),
    ...(approvalLimit && { approvalLimit }),
    ...(requests.length > 0 && { requests }),
    reservations,
    waiting: waiting.map(({ reservationId, quantity, waitUntil }) => ({
      reservationId,
      quantity,
      waitUntil,
    })),
  };
}
