import type { Deadline } from '#libs/core/decider.js';
import { canSettle } from './inventory-waitlist.decide.js';
import type { InventoryState } from './inventory.state.js';

/** The next deadline: the rest of the line that is to be settled now, a reservation, or a wait. */
export function inventoryDeadline(state: InventoryState): Deadline | undefined {
  const { reservations, waiting, settledAt } = state;
  let first: Deadline | undefined;
  const consider = (
    type: string,
    subject: string,
    at: string | undefined,
    data: Deadline['command']['data'],
  ) => {
    if (at !== undefined && (!first || at < first.at)) first = { at, subject, command: { type, data } };
  };
  if (canSettle(state)) consider('ServeWaitlist', waiting[0]?.reservationId ?? '', settledAt, {});
  for (const { reservationId, expiresAt } of reservations) {
    consider('ExpireReservation', reservationId, expiresAt, { reservationId });
  }
  for (const { reservationId, waitUntil } of waiting) {
    consider('ExpireWait', reservationId, waitUntil, { reservationId });
  }
  return first;
}
