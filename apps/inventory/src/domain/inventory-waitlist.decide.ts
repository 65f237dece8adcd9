import type { InventoryCommand, InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import type { Rejection } from '#libs/core/rejection.js';
import { toMilliseconds } from '#libs/core/timestamp.js';
import { no, notOpen, ofAnother } from './inventory-rejections.js';
import {
  available,
  DAY_MILLISECONDS,
  expiryOf,
  findIn,
  heldReservations,
  type InventoryState,
  MAX_OPEN_RESERVATIONS,
  MAX_WAITING,
  type Waiting,
  waitLimitOf,
} from './inventory.state.js';

type Decision = readonly InventoryEvent[] | Rejection;
type CommandNamed<Type extends InventoryCommand['type']> = Extract<InventoryCommand, { type: Type }>;

/**
 * How many reservations of the line one command serves, since the events of more might not fit in
 * one append. The others are due immediately.
 */
const MAX_SETTLED = 200;
/** While one waits nobody else can reserve, so nobody may wait for long. */
const MAX_WAIT_MILLISECONDS = 30 * DAY_MILLISECONDS;

export function queue(waiting: Waiting, at: string, state: InventoryState): Decision {
  const wait = toMilliseconds(waiting.waitUntil) - toMilliseconds(at);
  if (wait <= 0 || wait > MAX_WAIT_MILLISECONDS) {
    return no('WAIT.DEADLINE_INVALID', `${waiting.waitUntil} is not within 30 days after ${at}`);
  }
  if (waiting.quantity > waitLimitOf(state)) {
    return no('WAIT.OVER_LIMIT', `a reservation may wait for at most ${waitLimitOf(state)} pieces`);
  }
  if (state.waiting.length >= MAX_WAITING)
    return no('WAITLIST.FULL', `${MAX_WAITING} reservations are waiting in line`);
  return [{ type: 'ReservationQueued', data: waiting }];
}

export function cancelWait(command: CommandNamed<'CancelWait'>, state: InventoryState): Decision {
  const waiting = findIn(state.waiting, command.data.reservationId);
  const refusal = waiting && ofAnother(waiting, command);
  return refusal ?? endWait('WaitCancelled', command, state);
}

/** Ends any wait, also that of a saga: an operator must be able to free the line. */
export function declineWait(command: CommandNamed<'DeclineWait'>, state: InventoryState): Decision {
  return endWait('WaitDeclined', command, state, { reason: command.data.reason });
}

export function setWaitLimit({ data }: CommandNamed<'SetWaitLimit'>, state: InventoryState): Decision {
  return data.pieces === waitLimitOf(state)
    ? no('WAIT_LIMIT.SAME', `the limit is already ${data.pieces}`)
    : [{ type: 'WaitLimitSet', data }];
}

export function expireWait(command: CommandNamed<'ExpireWait'>, state: InventoryState): Decision {
  const { data, at } = command;
  const { reservationId } = data;
  const waiting = findIn(state.waiting, reservationId);
  if (waiting && waiting.waitUntil > at) {
    return no('WAIT.NOT_DUE', `${reservationId} waits until ${waiting.waitUntil}`);
  }
  return endWait('WaitExpired', command, state);
}

function endWait(
  type: 'WaitCancelled' | 'WaitExpired' | 'WaitDeclined',
  { data: { reservationId }, at, usedNames }: CommandNamed<'CancelWait' | 'ExpireWait' | 'DeclineWait'>,
  state: InventoryState,
  more: { readonly reason?: string } = {},
): Decision {
  const waiting = findIn(state.waiting, reservationId);
  if (waiting) return [{ type, data: { reservationId, quantity: waiting.quantity, endedAt: at, ...more } }];
  return findIn(state.reservations, reservationId)
    ? no('WAIT.NOT_WAITING', `${reservationId} was served`)
    : notOpen(reservationId, usedNames, state);
}

/** Whether the first in line can be served, or is to be declined. */
export function canSettle(state: InventoryState): boolean {
  const [first] = state.waiting;
  if (!first) return false;
  if (state.status === 'discontinued') return true;
  return first.quantity <= available(state) && heldReservations(state) < MAX_OPEN_RESERVATIONS;
}

/**
 * Serves the line in order, as far as the stock lasts and without skipping anyone. Declines it once
 * there will be no more stock.
 */
export function settleWaiters(state: InventoryState, at: string): readonly InventoryEvent[] {
  if (state.status === 'discontinued') {
    return state.waiting
      .slice(0, MAX_SETTLED)
      .map(({ reservationId, quantity }) => decline(reservationId, quantity, at));
  }
  const room = Math.min(MAX_SETTLED, MAX_OPEN_RESERVATIONS - heldReservations(state));
  let left = available(state);
  const unserved = state.waiting.findIndex(({ quantity }, index) => {
    left -= quantity;
    return left < 0 || index >= room;
  });
  return state.waiting.slice(0, unserved < 0 ? undefined : unserved).map((waiting) => serve(waiting, at));
}

function decline(reservationId: string, quantity: number, endedAt: string): InventoryEvent {
  return { type: 'WaitDeclined', data: { reservationId, quantity, endedAt } };
}

function serve(
  { reservationId, quantity, ttlSeconds, cartId, ownedBy }: Waiting,
  at: string,
): InventoryEvent {
  const expiresAt = expiryOf(ttlSeconds, at);
  return {
    type: 'StockReserved',
    data: {
      reservationId,
      quantity,
      ...(expiresAt !== undefined && { expiresAt }),
      ...(cartId !== undefined && { cartId }),
      ...(ownedBy !== undefined && { ownedBy }),
      servedAt: at,
    },
  };
}
