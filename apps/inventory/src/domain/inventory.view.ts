import { available, type InventoryState, waitLimitOf } from './inventory.state.js';

/** The live state as clients see it (`inventoryContract.view`). */
export function presentInventory(state: InventoryState) {
  const { status, onHand, reserved, received, adjusted, sold, reorderPoint, reservations, waiting } = state;
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
    reservations,
    waiting: waiting.map(({ reservationId, quantity, waitUntil }) => ({
      reservationId,
      quantity,
      waitUntil,
    })),
  };
}
