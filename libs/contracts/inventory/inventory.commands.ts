import { z } from 'zod';
import { approvalReport, approvers, refusedRequest } from '../approval/approval-limit.fields.js';
import type { CommandContract } from '../entity-contract.js';
import { entityId, localId, quantity, text, timestamp } from '../fields.js';

const MOST = 1_000_000_000;
const THIRTY_DAYS_SECONDS = 30 * 24 * 60 * 60;

const ofReservation = z.strictObject({ reservationId: localId });

const ttlSeconds = z
  .int()
  .min(1)
  .max(THIRTY_DAYS_SECONDS)
  .meta({ examples: [900] });

const some = z
  .int()
  .min(0)
  .max(MOST)
  .meta({ examples: [10] });

/** Commands of an inventory item. An item exists once some stock was received. */
export const inventoryCommands = {
  Receive: {
    schema: z.strictObject({ quantity, reference: text(140).optional() }),
    summary: 'Receive pieces',
    visibility: 'public',
    allow: ['role:warehouse'],
  },
  Adjust: {
    schema: z.strictObject({
      by: z
        .int()
        .min(-MOST)
        .max(MOST)
        .refine((by) => by !== 0, 'must not be 0')
        .meta({ not: { const: 0 }, examples: [-2] }),
      reason: text(500),
    }),
    summary: 'Correct the quantity on hand, up or down, but not below the reserved quantity',
    visibility: 'public',
    allow: ['role:warehouse'],
  },
  Reserve: {
    schema: z.strictObject({
      reservationId: localId,
      quantity,
      ttlSeconds: ttlSeconds.optional(),
      waitUntil: timestamp.optional(),
      cartId: entityId.optional(),
    }),
    summary:
      'Set pieces aside, all or none, for a time or without end; with `waitUntil` in line until they are there',
    visibility: 'public',
    allow: ['role:storefront', 'role:warehouse'],
  },
  ExtendReservation: {
    schema: ofReservation.extend({ ttlSeconds }),
    summary: 'Extend a reservation so that it ends this long from now',
    visibility: 'public',
    allow: ['role:storefront', 'role:warehouse'],
  },
  ConfirmReservation: {
    schema: ofReservation,
    summary: 'Confirm a reservation: its pieces are sold',
    visibility: 'public',
    allow: ['role:storefront', 'role:warehouse'],
  },
  ReleaseReservation: {
    schema: ofReservation,
    summary: 'Release a reservation, so that its pieces are available again',
    visibility: 'public',
    allow: ['role:storefront', 'role:warehouse'],
  },
  ReturnReservation: {
    schema: ofReservation,
    summary: 'Return the pieces of a confirmed reservation: the inverse of ConfirmReservation',
    visibility: 'public',
    allow: ['role:storefront', 'role:warehouse'],
  },
  SetWaitLimit: {
    schema: z.strictObject({ pieces: some }),
    summary: 'Set how many pieces one reservation may wait for in line; 0 lets no new one wait',
    visibility: 'public',
    allow: ['role:warehouse'],
  },
  DeclineWait: {
    schema: ofReservation.extend({ reason: text(500) }),
    summary: 'Remove any reservation from the line, so that those behind it move up',
    visibility: 'public',
    allow: ['role:warehouse'],
  },
  CancelWait: {
    schema: ofReservation,
    summary: 'Leave the line',
    visibility: 'public',
    allow: ['role:storefront', 'role:warehouse'],
  },
  SetReorderPoint: {
    schema: z.strictObject({ reorderPoint: some }),
    summary: 'Set the available quantity that counts as low',
    visibility: 'public',
    allow: ['role:warehouse'],
  },
  SetApprovalLimit: {
    schema: approvers.extend({
      pieces: some.meta({ description: 'The largest correction, up or down, that needs no approval' }),
    }),
    summary: 'Let corrections of more pieces wait until others have approved them',
    visibility: 'public',
    allow: ['role:supervisor'],
  },
  RemoveApprovalLimit: {
    schema: z.strictObject({}),
    summary: 'Let no correction wait for approval any more, but for those that have been requested',
    visibility: 'public',
    allow: ['role:supervisor'],
  },
  RecordApproval: {
    schema: approvalReport,
    summary: 'The approval of a requested correction has ended',
    visibility: 'internal',
  },
  DropRequest: {
    schema: refusedRequest,
    summary: 'The approval of a correction could not be requested',
    visibility: 'internal',
  },
  Discontinue: {
    schema: z.strictObject({ reason: text(500) }),
    summary: 'Accept no new reservations, permanently; existing ones stay, waiting ones are declined',
    visibility: 'public',
    allow: ['role:warehouse'],
  },
  ExpireReservation: {
    schema: ofReservation,
    summary: 'Expire a reservation',
    visibility: 'internal',
  },
  ExpireWait: { schema: ofReservation, summary: 'Expire a wait', visibility: 'internal' },
  ServeWaitlist: {
    schema: z.strictObject({}),
    summary: 'Serve or decline waiting reservations that did not fit into the previous decision',
    visibility: 'internal',
  },
} as const satisfies Record<string, CommandContract>;
