import type { Approvers, AwaitedApproval } from '#libs/core/approval-limit.js';
import { toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';

/** Pieces set aside. Without `expiresAt`, only a confirmation or a release ends it. */
export interface Reservation {
  readonly reservationId: string;
  readonly quantity: number;
  readonly expiresAt?: string;
  /** Stream of the saga that made it. No other sender may change it. */
  readonly ownedBy?: string;
}

/** A reservation in line. Its time to live starts when it is served. */
export interface Waiting {
  readonly reservationId: string;
  readonly quantity: number;
  readonly waitUntil: string;
  readonly ttlSeconds?: number;
  readonly cartId?: string;
  readonly ownedBy?: string;
}

/** How a reservation ended. `unserved`: its wait ended. */
export type End = 'confirmed' | 'released' | 'expired' | 'returned' | 'unserved';

/** A reservation that has ended. Its id is not used again, and a confirmed one can be returned. */
export interface EndedReservation {
  readonly reservationId: string;
  readonly quantity: number;
  readonly end: End;
  readonly endedAt: string;
  readonly ownedBy?: string;
}

/** The largest correction that needs no approval, and who approves others. */
export interface ApprovalLimit extends Approvers {
  readonly pieces: number;
}

/** A correction that waits for approval. */
export interface AdjustmentRequest extends AwaitedApproval {
  readonly by: number;
  readonly reason: string;
}

export interface InventoryState {
  readonly status: 'none' | 'active' | 'discontinued';
  readonly onHand: number;
  readonly reserved: number;
  /** The parts of on hand = received + adjusted − sold. */
  readonly received: number;
  readonly adjusted: number;
  /** Pieces sold and not returned. */
  readonly sold: number;
  readonly reorderPoint?: number;
  /** Pieces that one reservation may wait for. Default: `DEFAULT_WAIT_LIMIT`. */
  readonly waitLimit?: number;
  readonly reservations: readonly Reservation[];
  /** First come, first served. */
  readonly waiting: readonly Waiting[];
  /**
   * When some of the reservations in line were last served or declined. The rest of them is due
   * then.
   */
  readonly settledAt?: string;
  /** Of the last 30 days, in order of their ends, and limited in size. */
  readonly ended: readonly EndedReservation[];
  /**
   * Confirmed, and kept for their sagas: none is forgotten before its saga is known to have ended.
   */
  readonly owned: readonly EndedReservation[];
  /** The end of the last one that was dropped. */
  readonly forgottenUpTo?: string;
  readonly approvalLimit?: ApprovalLimit;
  readonly requests?: readonly AdjustmentRequest[];
  /** Nothing was available, and there was no `BackInStock` since. */
  readonly isSoldOut: boolean;
}

export const MAX_OPEN_RESERVATIONS = 2_000;
export const MAX_WAITING = 1_000;
const DEFAULT_WAIT_LIMIT = 1_000;
export const MAX_ENDED = 3_000;
/**
 * Approximate size as JSON. Together with the open ones they would otherwise exceed what an entity
 * may carry.
 */
export const MAX_ENDED_CHARACTERS = 400_000;
export const MAX_ON_HAND = 1_000_000_000_000;
export const DAY_MILLISECONDS = 24 * 60 * 60 * 1_000;
export const ENDED_KEPT_MILLISECONDS = 30 * DAY_MILLISECONDS;

export const initialInventory: InventoryState = {
  status: 'none',
  onHand: 0,
  reserved: 0,
  received: 0,
  adjusted: 0,
  sold: 0,
  reservations: [],
  waiting: [],
  ended: [],
  owned: [],
  isSoldOut: false,
};

/** Number of open reservations, and of those that sagas still own, since these are limited too. */
export function heldReservations({ reservations, owned }: InventoryState): number {
  return reservations.length + owned.length;
}

/** A reservation that has ended and is not forgotten. */
export function findEnded(state: InventoryState, reservationId: string): EndedReservation | undefined {
  return findIn(state.owned, reservationId) ?? findIn(state.ended, reservationId);
}

/** What can be reserved. */
export function available(state: InventoryState): number {
  return state.onHand - state.reserved;
}

/** How many pieces one reservation may wait for. */
export function waitLimitOf({ waitLimit = DEFAULT_WAIT_LIMIT }: InventoryState): number {
  return waitLimit;
}

/** Whether so little is available that more should be ordered. */
export function isLow(state: InventoryState): boolean {
  return state.reorderPoint !== undefined && available(state) <= state.reorderPoint;
}

/** The end of a time to live from a start, or undefined for one without end. */
export function expiryOf(ttlSeconds: number | undefined, at: string): string | undefined {
  return ttlSeconds === undefined ? undefined : toTimestamp(toMilliseconds(at) + ttlSeconds * 1_000);
}

interface Named {
  readonly reservationId: string;
}

/** The one with this id, in any list. */
export function findIn<T extends Named>(list: readonly T[], reservationId: string): T | undefined {
  return list.find((one) => one.reservationId === reservationId);
}
