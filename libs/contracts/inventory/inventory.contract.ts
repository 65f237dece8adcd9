import { z } from 'zod';
import { type CommandsOf, type EventsOf, defineContract } from '../entity-contract.js';
import { count, localId, ownerStream, quantity, recordedAt } from '../fields.js';
import { collectionOf } from '../services.js';
import { inventoryCommands } from './inventory.commands.js';
import { inventoryEvents } from './inventory.events.js';
import { inventoryRejections } from './inventory.rejections.js';

/** The item of an inventory: everything the world may know of it. */
export const inventoryContract = defineContract({
  name: 'inventory',
  plural: collectionOf('inventory'),
  summary: 'An item on stock, by its SKU: what is on hand, reserved and awaited',
  commands: inventoryCommands,
  events: inventoryEvents,
  view: z.strictObject({
    status: z.enum(['active', 'discontinued']),
    onHand: count,
    reserved: count,
    available: count,
    received: count.meta({ description: 'All that ever came in; on hand = received + adjusted − sold' }),
    adjusted: z.int(),
    sold: count.meta({ description: 'What went out and did not come back' }),
    reorderPoint: count.optional(),
    waitLimit: count.meta({ description: 'Pieces that one reservation may wait for in line' }),
    reservations: z.array(
      z.strictObject({
        reservationId: localId,
        quantity,
        expiresAt: recordedAt.optional(),
        ownedBy: ownerStream.optional().meta({ description: 'The saga that alone may end it while it runs' }),
      }),
    ),
    waiting: z
      .array(z.strictObject({ reservationId: localId, quantity, waitUntil: recordedAt }))
      .meta({ description: 'Those in line, the first to be served first.' }),
  }),
  rejections: inventoryRejections,
});

/** A command as the item's rules see it. */
export type InventoryCommand = CommandsOf<typeof inventoryContract>;

/** An event of an item's stream. */
export type InventoryEvent = EventsOf<typeof inventoryContract>;
