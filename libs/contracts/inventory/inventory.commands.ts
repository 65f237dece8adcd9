import { z } from 'zod';
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

/** What an item of the inventory can be told. An item is there once some of it was received. */
export const inventoryCommands = {
  Receive: {
    schema: z.strictObject({ quantity, reference: text(140).optional() }),
    summary: 'Take pieces in',
    visibility: 'public',
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
    summary: 'Correct what is on hand, up or down, but never below what is reserved',
    visibility: 'public',
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
  },
  ExtendReservation: {
    schema: ofReservation.extend({ ttlSeconds }),
    summary: 'Let a reservation end so long from now, later than it would',
    visibility: 'public',
  },
  ConfirmReservation: {
    schema: ofReservation,
    summary: 'Take the pieces of a reservation out for good',
    visibility: 'public',
  },
  ReleaseReservation: {
    schema: ofReservation,
    summary: 'Make the pieces of a reservation available again',
    visibility: 'public',
  },
  ReturnReservation: {
    schema: ofReservation,
    summary: 'Take the pieces of a confirmed reservation in again: the inverse of ConfirmReservation',
    visibility: 'public',
  },
  SetWaitLimit: {
    schema: z.strictObject({ pieces: some }),
    summary: 'Set how many pieces one reservation may wait for in line; 0 lets no new one wait',
    visibility: 'public',
  },
  DeclineWait: {
    schema: ofReservation.extend({ reason: text(500) }),
    summary: 'Take a reservation out of the line, whoever made it, so that those behind it move up',
    visibility: 'public',
  },
  CancelWait: { schema: ofReservation, summary: 'Leave the line', visibility: 'public' },
  SetReorderPoint: {
    schema: z.strictObject({ reorderPoint: some }),
    summary: 'Name the number of available pieces that counts as low',
    visibility: 'public',
  },
  Discontinue: {
    schema: z.strictObject({ reason: text(500) }),
    summary: 'Take no new reservations for good; those that are there stay, those in line are declined',
    visibility: 'public',
  },
  ExpireReservation: {
    schema: ofReservation,
    summary: 'End a reservation whose time has passed',
    visibility: 'internal',
  },
  ExpireWait: { schema: ofReservation, summary: 'End a wait whose time has passed', visibility: 'internal' },
  ServeWaitlist: {
    schema: z.strictObject({}),
    summary: 'Serve or decline those in line that did not fit into the decision before',
    visibility: 'internal',
  },
} as const satisfies Record<string, CommandContract>;
