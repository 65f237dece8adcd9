import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { toMilliseconds } from '#libs/core/timestamp.js';
import {
  available,
  type End,
  type EndedReservation,
  ENDED_KEPT_MILLISECONDS,
  findIn,
  type InventoryState,
  MAX_ENDED,
  MAX_ENDED_CHARACTERS,
} from './inventory.state.js';

type DataOf<Type> = Extract<InventoryEvent, { type: Type }>['data'];

export function evolveInventory(state: InventoryState, event: InventoryEvent): InventoryState {
  const after = evolve(state, event);
  return available(after) === 0 && after.status !== 'none' ? { ...after, isSoldOut: true } : after;
}

function evolve(state: InventoryState, event: InventoryEvent): InventoryState {
  switch (event.type) {
    case 'StockReceived':
      return receive(state, event.data.quantity);
    case 'StockAdjusted':
      return { ...state, onHand: state.onHand + event.data.by, adjusted: state.adjusted + event.data.by };
    case 'ApprovalLimitSet':
      return { ...state, approvalLimit: event.data };
    case 'ApprovalLimitRemoved':
      return unlimited(state);
    case 'AdjustmentRequested':
      return { ...state, requests: [...(state.requests ?? []), event.data] };
    case 'AdjustmentApproved':
    case 'AdjustmentRefused':
      return endRequest(state, event.data.approvalId);
    case 'StockReserved':
      return reserve(state, event.data);
    case 'ReservationQueued':
      return { ...state, waiting: [...state.waiting, event.data] };
    case 'ReservationExtended':
      return extend(state, event.data);
    case 'ReservationConfirmed':
      return confirm(wentOut(state, event.data.quantity), event.data);
    case 'ReservationsSettled':
      return event.data.reservationIds.reduce(settle, state);
    case 'ReservationReleased':
      return endReservation(state, 'released', event.data);
    case 'ReservationExpired':
      return endReservation(state, 'expired', event.data);
    case 'ReservationReturned':
      return giveBack(state, event.data);
    case 'WaitCancelled':
    case 'WaitExpired':
      return endWait(state, event.data);
    case 'WaitDeclined':
      return { ...endWait(state, event.data), settledAt: event.data.endedAt };
    case 'WaitLimitSet':
      return { ...state, waitLimit: event.data.pieces };
    case 'ReorderPointSet':
      return { ...state, reorderPoint: event.data.reorderPoint };
    case 'StockDiscontinued':
      return { ...state, status: 'discontinued' };
    case 'LowStock':
      return state;
    case 'BackInStock':
      return { ...state, isSoldOut: false };
    default:
      return unchanged(state, event);
  }
}

function receive(state: InventoryState, quantity: number): InventoryState {
  return {
    ...state,
    status: state.status === 'none' ? 'active' : state.status,
    onHand: state.onHand + quantity,
    received: state.received + quantity,
  };
}

function unlimited(state: InventoryState): InventoryState {
  const { approvalLimit: _, ...rest } = state;
  return rest;
}

function endRequest(state: InventoryState, approvalId: string): InventoryState {
  return { ...state, requests: state.requests?.filter((one) => one.approvalId !== approvalId) ?? [] };
}

function reserve(state: InventoryState, data: DataOf<'StockReserved'>): InventoryState {
  const { reservationId, quantity, expiresAt, ownedBy, servedAt } = data;
  const reservation = {
    reservationId,
    quantity,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(ownedBy !== undefined && { ownedBy }),
  };
  return {
    ...state,
    reserved: state.reserved + quantity,
    reservations: [...state.reservations, reservation],
    ...(servedAt !== undefined && { waiting: without(state.waiting, reservationId), settledAt: servedAt }),
  };
}

function extend(
  state: InventoryState,
  { reservationId, expiresAt }: DataOf<'ReservationExtended'>,
): InventoryState {
  const reservations = state.reservations.map((one) =>
    one.reservationId === reservationId ? { ...one, expiresAt } : one,
  );
  return { ...state, reservations };
}

interface Ended {
  readonly reservationId: string;
  readonly quantity: number;
  readonly endedAt: string;
}

/** Older events do not name the saga. These reservations may be forgotten, as always. */
function confirm(state: InventoryState, data: DataOf<'ReservationConfirmed'>): InventoryState {
  const { ownedBy, ...ended } = data;
  if (ownedBy === undefined) return endReservation(state, 'confirmed', ended);
  const reservations = without(state.reservations, data.reservationId);
  const owned = [...state.owned, { ...ended, end: 'confirmed' as const, ownedBy }];
  return { ...state, reserved: state.reserved - data.quantity, reservations, owned };
}

function settle(state: InventoryState, reservationId: string): InventoryState {
  const found = findIn(state.owned, reservationId);
  if (!found) return state;
  const { ownedBy: _, ...ended } = found;
  return remember({ ...state, owned: without(state.owned, reservationId) }, ended);
}

function endReservation(state: InventoryState, end: End, data: Ended): InventoryState {
  const { reservationId, quantity, endedAt } = data;
  const ownedBy = findIn(state.reservations, reservationId)?.ownedBy;
  const reservations = without(state.reservations, reservationId);
  return remember(
    { ...state, reserved: state.reserved - quantity, reservations },
    { reservationId, quantity, endedAt, end, ...(ownedBy !== undefined && { ownedBy }) },
  );
}

function giveBack(state: InventoryState, data: Ended): InventoryState {
  const ended = without(state.ended, data.reservationId);
  const owned = without(state.owned, data.reservationId);
  return remember({ ...wentOut(state, -data.quantity), ended, owned }, { ...data, end: 'returned' });
}

function wentOut(state: InventoryState, pieces: number): InventoryState {
  return { ...state, onHand: state.onHand - pieces, sold: state.sold + pieces };
}

function endWait(state: InventoryState, { reservationId, quantity, endedAt }: Ended): InventoryState {
  const waiting = without(state.waiting, reservationId);
  return remember({ ...state, waiting }, { reservationId, quantity, endedAt, end: 'unserved' });
}

function remember(state: InventoryState, ended: EndedReservation): InventoryState {
  const oldest = toMilliseconds(ended.endedAt) - ENDED_KEPT_MILLISECONDS;
  const firstKept = state.ended.findIndex(({ endedAt }) => toMilliseconds(endedAt) > oldest);
  const all = [...state.ended, ended];
  const kept = fitting(all.slice(firstKept < 0 ? -1 : firstKept).slice(-MAX_ENDED));
  const forgotten = all.at(-kept.length - 1);
  return {
    ...state,
    ended: kept,
    ...(forgotten && { forgottenUpTo: forgotten.endedAt }),
  };
}

/** The last of them, as many as an item may carry. */
function fitting(ended: readonly EndedReservation[]): readonly EndedReservation[] {
  let characters = 0;
  const dropped = ended.findLastIndex(({ reservationId, ownedBy }) => {
    characters += reservationId.length + (ownedBy === undefined ? 0 : ownedBy.length + 13) + 90;
    return characters > MAX_ENDED_CHARACTERS;
  });
  return dropped < 0 ? ended : ended.slice(dropped + 1);
}

function without<T extends { readonly reservationId: string }>(list: readonly T[], reservationId: string) {
  const one = findIn(list, reservationId);
  return list.filter((other) => other !== one);
}

/** An event of a later version of this program. */
function unchanged(state: InventoryState, _event: never): InventoryState {
  return state;
}
