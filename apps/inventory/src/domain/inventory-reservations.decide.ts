import type { InventoryCommand, InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import type { Rejection } from '#libs/core/rejection.js';
import { no, notOpen, ofAnother, type UsedNames } from './inventory-rejections.js';
import { queue } from './inventory-waitlist.decide.js';
import {
  available,
  expiryOf,
  findEnded,
  findIn,
  heldReservations,
  type InventoryState,
  MAX_OPEN_RESERVATIONS,
} from './inventory.state.js';

type Decision = readonly InventoryEvent[] | Rejection;
type Ending = CommandNamed<'ConfirmReservation' | 'ReleaseReservation' | 'ExpireReservation'>;
type CommandNamed<Type> = Extract<InventoryCommand, { type: Type }>;

export function reserve(
  { data, at, sender, usedNames }: CommandNamed<'Reserve'>,
  state: InventoryState,
): Decision {
  const { reservationId, quantity, ttlSeconds, waitUntil, cartId } = data;
  if (isUsed(reservationId, usedNames, state))
    return no('RESERVATION.ID_USED', `${reservationId} was already made`);
  const owner = sender === undefined ? {} : { ownedBy: sender };
  if (state.waiting.length > 0 || quantity > available(state)) {
    if (waitUntil !== undefined) return queue({ ...data, waitUntil, ...owner }, at, state);
    return state.waiting.length > 0
      ? no('STOCK.AWAITED', `${state.waiting.length} reservations are waiting in line`)
      : no('STOCK.INSUFFICIENT', `${available(state)} are available`);
  }
  if (heldReservations(state) >= MAX_OPEN_RESERVATIONS) {
    const { length } = state.owned;
    return no('RESERVATION.LIMIT', `${state.reservations.length} are open, and running sagas own ${length}`);
  }
  const expiresAt = expiryOf(ttlSeconds, at);
  return [
    {
      type: 'StockReserved',
      data: {
        reservationId,
        quantity,
        ...(expiresAt !== undefined && { expiresAt }),
        ...(cartId !== undefined && { cartId }),
        ...owner,
      },
    },
  ];
}

export function extendReservation(
  command: CommandNamed<'ExtendReservation'>,
  state: InventoryState,
): Decision {
  const { data, at, usedNames } = command;
  const { reservationId, ttlSeconds } = data;
  const open = findIn(state.reservations, reservationId);
  if (!open) return notOpen(reservationId, usedNames, state);
  const refusal = ofAnother(open, command);
  if (refusal) return refusal;
  const expiresAt = expiryOf(ttlSeconds, at) ?? at;
  if (open.expiresAt === undefined || expiresAt <= open.expiresAt) {
    return no('RESERVATION.NOT_LONGER', `it ends ${open.expiresAt ?? 'when it is confirmed or released'}`);
  }
  return [{ type: 'ReservationExtended', data: { reservationId, expiresAt } }];
}

export function confirmReservation(
  command: CommandNamed<'ConfirmReservation'>,
  state: InventoryState,
): Decision {
  return end('ReservationConfirmed', command, state);
}

export function releaseReservation(
  command: CommandNamed<'ReleaseReservation'>,
  state: InventoryState,
): Decision {
  return end('ReservationReleased', command, state);
}

export function expireReservation(
  command: CommandNamed<'ExpireReservation'>,
  state: InventoryState,
): Decision {
  const { data, at } = command;
  const { reservationId } = data;
  const open = findIn(state.reservations, reservationId);
  if (open && (open.expiresAt === undefined || open.expiresAt > at)) {
    return no('RESERVATION.NOT_DUE', `${reservationId} is not due at ${at}`);
  }
  return end(
    'ReservationExpired',
    { ...command, ...(open?.ownedBy !== undefined && { sender: open.ownedBy }) },
    state,
  );
}

export function returnReservation(
  command: CommandNamed<'ReturnReservation'>,
  state: InventoryState,
): Decision {
  const { data, at, usedNames } = command;
  const { reservationId } = data;
  const ended = findEnded(state, reservationId);
  if (ended?.end === 'confirmed') {
    const { quantity } = ended;
    const refusal = ofAnother(ended, command);
    return refusal ?? [{ type: 'ReservationReturned', data: { reservationId, quantity, endedAt: at } }];
  }
  return findIn(state.reservations, reservationId)
    ? no('RESERVATION.NOT_CONFIRMED', `${reservationId} is still open`)
    : notOpen(reservationId, usedNames, state);
}

function end(
  type: 'ReservationConfirmed' | 'ReservationReleased' | 'ReservationExpired',
  command: Ending,
  state: InventoryState,
): Decision {
  const { data, at, usedNames } = command;
  const { reservationId } = data;
  const open = findIn(state.reservations, reservationId);
  if (!open) return notOpen(reservationId, usedNames, state);
  const refusal = ofAnother(open, command);
  if (refusal) return refusal;
  const ended = { reservationId, quantity: open.quantity, endedAt: at };
  // What a saga has confirmed is kept for it, since it may have to be returned.
  const isKept =
    type === 'ReservationConfirmed' && open.ownedBy !== undefined && open.ownedBy === command.sender;
  return isKept ? [{ type, data: { ...ended, ownedBy: open.ownedBy } }] : [{ type, data: ended }];
}

function isUsed(id: string, usedNames: UsedNames, state: InventoryState): boolean {
  const { reservations, waiting, ended, owned } = state;
  const isKnown = [...reservations, ...waiting, ...ended, ...owned].some(
    ({ reservationId }) => reservationId === id,
  );
  return isKnown || usedNames?.includes(id) === true;
}
