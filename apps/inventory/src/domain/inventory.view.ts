import { available, type InventoryState } from './inventory.state.js';

/** The live state as clients see it (`inventoryContract.view`). */
export function presentInventory(state: InventoryState) {
  const { status, onHand, reserved, reorderPoint, reservations, waiting } = state;
  return {
    status,
    onHand,
    reserved,
    available: available(state),
    ...(reorderPoint !== undefined && { reorderPoint }),
    reservations,
    waiting: waiting.map(({ reservationId, quantity, waitUntil }) => ({
      reservationId,
      quantity,
      waitUntil,
    })),
  };
}
