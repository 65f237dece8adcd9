import { z } from 'zod';
import { callerId } from '../approval/approval.fields.js';
import { awaitedApproval, storedApprovers } from '../approval/approval-limit.fields.js';
import type { EventContract } from '../entity-contract.js';
import { count, entityId, localId, ownerStream, quantity, recordedAt, text } from '../fields.js';

const reserved = z.strictObject({
  reservationId: localId,
  quantity,
  expiresAt: recordedAt.optional(),
  cartId: entityId.optional(),
  ownedBy: ownerStream.optional(),
  servedAt: recordedAt.optional().meta({ description: 'When it was served, if it had to wait' }),
});
const ended = z.strictObject({ reservationId: localId, quantity, endedAt: recordedAt });

const adjustment = z.strictObject({ by: z.int(), reason: text(500) });

/** Events of an item. After each of them, on hand = available + reserved. */
export const inventoryEvents = {
  StockReceived: {
    schema: z.strictObject({ quantity, reference: text(140).optional() }),
    summary: 'Pieces were received',
    version: 1,
  },
  StockAdjusted: {
    schema: adjustment,
    summary: 'The quantity on hand was corrected',
    version: 1,
  },
  ApprovalLimitSet: {
    schema: storedApprovers.extend({ pieces: count }),
    summary: 'The largest correction that needs no approval was set',
    version: 1,
  },
  ApprovalLimitRemoved: {
    schema: z.strictObject({}),
    summary: 'No correction needs approval any more',
    version: 1,
  },
  AdjustmentRequested: {
    schema: adjustment.extend(awaitedApproval.shape),
    summary: 'A correction waits for approval; nothing has changed',
    version: 1,
  },
  AdjustmentApproved: {
    schema: z.strictObject({ approvalId: entityId, by: z.int(), approvedBy: z.array(callerId) }),
    summary: 'A requested correction was approved, and follows',
    version: 1,
  },
  AdjustmentRefused: {
    schema: z.strictObject({
      approvalId: entityId,
      by: z.int(),
      because: z.enum(['refused', 'withdrawn', 'impossible', 'not-requested']).meta({
        description:
          'The approval was refused or withdrawn; the stock no longer allows the correction; the approval could not be requested',
      }),
      reason: text(500).optional(),
    }),
    summary: 'A requested correction was dropped; nothing has changed',
    version: 1,
  },
  StockReserved: { schema: reserved, summary: 'Pieces were reserved', version: 1 },
  ReservationQueued: {
    schema: z.strictObject({
      reservationId: localId,
      quantity,
      waitUntil: recordedAt,
      ttlSeconds: z.int().min(1).optional(),
      cartId: entityId.optional(),
      ownedBy: ownerStream.optional(),
    }),
    summary: 'A reservation is waiting in line',
    version: 1,
  },
  ReservationExtended: {
    schema: z.strictObject({ reservationId: localId, expiresAt: recordedAt }),
    summary: 'A reservation was extended',
    version: 1,
  },
  ReservationConfirmed: {
    schema: ended.extend({
      ownedBy: ownerStream.optional().meta({ description: 'The saga that may still have to return it' }),
    }),
    summary: 'The pieces of a reservation were sold',
    version: 1,
  },
  ReservationsSettled: {
    schema: z.strictObject({ reservationIds: z.array(localId).min(1), settledAt: recordedAt }),
    summary:
      'The sagas of confirmed reservations have ended: the reservations need not be kept for them any longer',
    version: 1,
  },
  ReservationReleased: { schema: ended, summary: 'A reservation was released', version: 1 },
  ReservationExpired: { schema: ended, summary: 'A reservation expired', version: 1 },
  ReservationReturned: {
    schema: ended,
    summary: 'The pieces of a confirmed reservation were returned',
    version: 1,
  },
  WaitCancelled: { schema: ended, summary: 'A reservation left the line', version: 1 },
  WaitExpired: { schema: ended, summary: 'A wait expired', version: 1 },
  WaitDeclined: {
    schema: ended.extend({
      reason: text(500).optional().meta({ description: 'Why an operator declined it' }),
    }),
    summary: 'A waiting reservation was declined: by an operator, or because the item was discontinued',
    version: 1,
  },
  WaitLimitSet: {
    schema: z.strictObject({ pieces: count }),
    summary: 'The number of pieces that one reservation may wait for was set',
    version: 1,
  },
  ReorderPointSet: {
    schema: z.strictObject({ reorderPoint: count }),
    summary: 'The quantity that counts as low was set',
    version: 1,
  },
  StockDiscontinued: {
    schema: z.strictObject({ reason: text(500) }),
    summary: 'The item was discontinued',
    version: 1,
  },
  LowStock: {
    schema: z.strictObject({ available: count, reorderPoint: count }),
    summary: 'The available quantity fell to the reorder point',
    version: 1,
  },
  BackInStock: {
    schema: z.strictObject({ available: count }),
    summary: 'Pieces are available again, also to those who did not wait',
    version: 1,
  },
} as const satisfies Record<string, EventContract>;
