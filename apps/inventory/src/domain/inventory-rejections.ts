import type { InventoryRejectionCode } from '#contracts/inventory/inventory.rejections.js';
import { type Rejection, reject } from '#libs/decider/rejection.js';
import { toMilliseconds } from '#libs/decider/timestamp.js';
import { type End, ENDED_KEPT_MILLISECONDS, findIn, type InventoryState } from './inventory.state.js';

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

/** Says why a reservation is not open: who undoes a step must know whether there is anything left to undo. */
export function notOpen(reservationId: string, at: string, state: InventoryState): Rejection {
  if (findIn(state.waiting, reservationId)) return no('RESERVATION.WAITING', `${reservationId} is in line`);
  const ended = findIn(state.ended, reservationId);
  if (ended) return no(codes[ended.end], `${reservationId} ended at ${ended.endedAt}`);
  return mayBeForgotten(at, state)
    ? no('RESERVATION.FORGOTTEN', `what ended up to ${state.forgottenUpTo} is in the read model only`)
    : no('RESERVATION.NOT_FOUND', `there is no reservation ${reservationId}`);
}

/** Says no to anybody but the saga that made it: its stock must be there, or come back, when the saga comes to its end. */
export function ofAnother(
  { reservationId, ownedBy }: { readonly reservationId: string; readonly ownedBy?: string },
  sender: string | undefined,
): Rejection | undefined {
  return ownedBy === undefined || ownedBy === sender
    ? undefined
    : no('RESERVATION.OWNED', `${reservationId} is changed by ${ownedBy}`);
}

function mayBeForgotten(at: string, { forgottenUpTo }: InventoryState): boolean {
  return (
    forgottenUpTo !== undefined &&
    toMilliseconds(at) - toMilliseconds(forgottenUpTo) < ENDED_KEPT_MILLISECONDS
  );
}
