import { z } from 'zod';
import { count, entityId, localId, quantity, recordedAt } from '../fields.js';

const day = z.iso
  .date()
  .regex(/^(?:[1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9])-/, 'must be of the year 1 or later')
  .meta({ examples: ['2026-12-31'] });

/** A row of the list of stock. */
export const stockRow = z
  .strictObject({
    id: z.string().meta({ examples: ['cd-a-7'] }),
    status: z.enum(['active', 'discontinued']),
    onHand: count,
    reserved: count,
    available: count,
    received: count,
    adjusted: z.int().meta({ description: 'On hand = received + adjusted − sold' }),
    sold: count,
    waiting: count.meta({ description: 'Reservations in line' }),
    awaited: count.meta({ description: 'Pieces that those in line wait for' }),
    reorderPoint: count.optional(),
    revision: z.int().min(0),
    updatedAt: recordedAt,
  })
  .meta({ description: 'An item as the read model shows it, up to `revision`' });

/** Where a reservation stands. */
export const reservationStatus = z.enum([
  'waiting',
  'reserved',
  'confirmed',
  'released',
  'expired',
  'returned',
  'wait-cancelled',
  'wait-expired',
  'wait-declined',
]);

/** A row of the list of reservations. */
export const reservationRow = z
  .strictObject({
    sku: entityId,
    reservationId: localId,
    cartId: entityId.optional(),
    quantity,
    status: reservationStatus,
    expiresAt: recordedAt.optional(),
    waitUntil: recordedAt.optional(),
    revision: z.int().min(0),
    updatedAt: recordedAt,
  })
  .meta({ description: 'A reservation, open or ended, however long ago' });

/** A row of the best sellers of a day. */
export const bestSellerRow = z
  .strictObject({
    day,
    sku: entityId,
    sold: count.meta({ description: 'Pieces that went out on that day' }),
    returned: count.meta({ description: 'Pieces that came back on that day' }),
  })
  .meta({ description: 'What was sold of an item on a day (UTC), best first by sold less returned' });

export type StockRow = z.output<typeof stockRow>;
export type ReservationStatus = z.output<typeof reservationStatus>;
export type ReservationRow = z.output<typeof reservationRow>;
export type BestSellerRow = z.output<typeof bestSellerRow>;
