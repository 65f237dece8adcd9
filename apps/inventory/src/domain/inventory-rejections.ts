import type { InventoryCommand } from '#contracts/inventory/inventory.contract.js';
import type { InventoryRejectionCode } from '#contracts/inventory/inventory.rejections.js';
import { type Rejection, reject } from '#libs/core/rejection.js';
import { type End, findEnded, findIn, type InventoryState } from './inventory.state.js';

export function no(code: InventoryRejectionCode, detail: string): Rejection {
  return reject(code, detail);
}

const codes: Readonly<Record<End, InventoryRejectionCode>> = {
  confirmed: 'RESERVATION.CONFIRMED',
  released: 'RESERVATION.RELEASED',
  expired: 'RESERVATION.EXPIRED',
  returned: 'RESERVATION.RETURNED',
  unserved: 'WAIT.ENDED',
};

/** Ids of used reservations that the state has forgotten. */
export type UsedNames = InventoryCommand['usedNames'];

/**
 * Why a reservation is not open. A sender that undoes a step must know whether there is anything
 * left to undo.
 */
export function notOpen(reservationId: string, usedNames: UsedNames, state: InventoryState): Rejection {
  if (findIn(state.waiting, reservationId))
    return no('RESERVATION.WAITING', `${reservationId} is waiting in line`);
  const ended = findEnded(state, reservationId);
  if (ended) return no(codes[ended.end], `${reservationId} ended at ${ended.endedAt}`);
  return usedNames?.includes(reservationId)
    ? no('RESERVATION.FORGOTTEN', `${reservationId} ended long ago: see the list of reservations`)
    : no('RESERVATION.NOT_FOUND', `there is no reservation ${reservationId}`);
}

/**
 * Rejects any sender but the saga that made it, until that saga has ended: its stock must be there,
 * or come back, by then.
 */
export function ofAnother(
  { reservationId, ownedBy }: { readonly reservationId: string; readonly ownedBy?: string },
  { sender, endedOwners }: Pick<InventoryCommand, 'sender' | 'endedOwners'>,
): Rejection | undefined {
  return ownedBy === undefined || ownedBy === sender || endedOwners?.includes(ownedBy)
    ? undefined
    : no('RESERVATION.OWNED', `${reservationId} belongs to ${ownedBy}, which has not ended`);
}
