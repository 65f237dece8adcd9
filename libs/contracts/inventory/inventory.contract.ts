import { z } from 'zod';
import { awaitedApproval, storedApprovers } from '../approval/approval-limit.fields.js';
import { type CommandsOf, type EventsOf, defineContract } from '../entity-contract.js';
import { count, localId, ownerStream, quantity, recordedAt, text } from '../fields.js';
import { collectionOf } from '../services.js';
import { inventoryCommands } from './inventory.commands.js';
import { inventoryEvents } from './inventory.events.js';
import { inventoryRejections } from './inventory.rejections.js';

/** The public contract of an inventory item. */
export const inventoryContract = defineContract({
  name: 'inventory',
  plural: collectionOf('inventory'),
  summary: 'An item in stock, by its SKU: what is on hand, reserved and awaited',
  access: {
    read: ['anyone'],
    feed: ['role:warehouse', 'role:support'],
    personal: ['role:warehouse', 'role:supervisor', 'role:support'],
  },
  commands: inventoryCommands,
  events: inventoryEvents,
  view: z.strictObject({
    status: z.enum(['active', 'discontinued']),
    onHand: count,
    reserved: count,
    available: count,
    received: count.meta({ description: 'All pieces ever received; on hand = received + adjusted − sold' }),
    adjusted: z.int(),
    sold: count.meta({ description: 'Pieces sold and not returned' }),
    reorderPoint: count.optional(),
    waitLimit: count.meta({ description: 'Pieces that one reservation may wait for in line' }),
    approvalLimit: storedApprovers
      .extend({ pieces: count })
      .optional()
      .meta({ description: 'The largest correction that needs no approval, and who approves others' }),
    requests: z
      .array(awaitedApproval.extend({ by: z.int(), reason: text(500) }))
      .optional()
      .meta({ description: 'Corrections that wait for approval' }),
    reservations: z.array(
      z.strictObject({
        reservationId: localId,
        quantity,
        expiresAt: recordedAt.optional(),
        ownedBy: ownerStream
          .optional()
          .meta({ description: 'The saga that alone may change it while that saga runs' }),
      }),
    ),
    waiting: z
      .array(z.strictObject({ reservationId: localId, quantity, waitUntil: recordedAt }))
      .meta({ description: 'Waiting reservations, first in line first.' }),
  }),
  rejections: inventoryRejections,
});

/** A command as the item's rules see it. */
export type InventoryCommand = CommandsOf<typeof inventoryContract>;

/** An event of an item's stream. */
export type InventoryEvent = EventsOf<typeof inventoryContract>;
