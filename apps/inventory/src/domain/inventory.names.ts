import type { InventoryCommand, InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { findIn, type InventoryState } from './inventory.state.js';

/** The id of a reservation is used only once, permanently. */
export function inventoryNames(event: InventoryEvent): readonly string[] {
  return event.type === 'StockReserved' || event.type === 'ReservationQueued'
    ? [event.data.reservationId]
    : [];
}

/** The state has those that are open, waiting, or ended recently. Forgotten ones are looked up. */
export function inventoryClaims({ data }: InventoryCommand, state: InventoryState): readonly string[] {
  if (!('reservationId' in data) || state.forgottenUpTo === undefined) return [];
  const { reservationId } = data;
  const lists = [state.reservations, state.waiting, state.ended, state.owned];
  return lists.some((list) => findIn<{ readonly reservationId: string }>(list, reservationId))
    ? []
    : [reservationId];
}
