import type { InventoryCommand, InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { toMilliseconds } from '#libs/core/timestamp.js';
import {
  findEnded,
  findIn,
  heldReservations,
  type InventoryState,
  MAX_OPEN_RESERVATIONS,
} from './inventory.state.js';

/** This many may be kept for sagas before their sagas are checked. */
const KEPT_UNASKED = 1_000;
/** Confirmations between two of these checks. */
const ASKED_EVERY = 100;
/** Sagas to check in one command. */
const MAX_ASKED = 250;

/**
 * The saga whose reservation another sender would change, and those for which too many are kept.
 */
export function inventoryOwners(command: InventoryCommand, state: InventoryState): readonly string[] {
  const owner = ownerOf(command, state);
  const others = owner === undefined || owner === command.sender ? [] : [owner];
  return [...others, ...asked(command, state)];
}

/**
 * Releases what is kept for sagas that have ended. From then on it can be forgotten like any other.
 */
export function settleOwned(
  { type, endedOwners, at }: InventoryCommand,
  { owned }: InventoryState,
): readonly InventoryEvent[] {
  if (type === 'ReturnReservation' || endedOwners === undefined) return [];
  const reservationIds = owned
    .filter(({ ownedBy = '' }) => endedOwners.includes(ownedBy))
    .map(({ reservationId }) => reservationId);
  return reservationIds.length > 0
    ? [{ type: 'ReservationsSettled', data: { reservationIds, settledAt: at } }]
    : [];
}

function ownerOf({ data }: InventoryCommand, state: InventoryState): string | undefined {
  if (!('reservationId' in data)) return undefined;
  const { reservationId } = data;
  const { reservations, waiting } = state;
  const found = findIn(reservations, reservationId) ?? findIn(waiting, reservationId);
  return (found ?? findEnded(state, reservationId))?.ownedBy;
}

/**
 * A different part of them each time, so that sagas that do not end cannot hide those that have.
 */
function asked({ type, at }: InventoryCommand, state: InventoryState): readonly string[] {
  const { owned } = state;
  const isFull = owned.length > 0 && heldReservations(state) >= MAX_OPEN_RESERVATIONS;
  const isDue =
    type === 'ConfirmReservation' && owned.length >= KEPT_UNASKED && owned.length % ASKED_EVERY === 0;
  if (!isFull && !isDue) return [];
  const start = toMilliseconds(at) % owned.length;
  const turned = [...owned.slice(start), ...owned.slice(0, start)];
  return turned.slice(0, MAX_ASKED).flatMap(({ ownedBy }) => ownedBy ?? []);
}
