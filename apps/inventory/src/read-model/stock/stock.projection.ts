import { z } from 'zod';
import { count, recordedAt } from '#contracts/fields.js';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { notPersonal } from '#contracts/personal-data.js';
import { shown, viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';

/** One row per item. */
export const stockTable = viewTable('stock_v2', {
  key: ['tenant', 'id'],
  owner: 'id',
  // The partial ones find the few items that are to be ordered, are sold out or are waited for.
  indexes: [
    'btree (tenant, status, id)',
    'btree (tenant, id) WHERE (available <= reorder_point)',
    'btree (tenant, id) WHERE (available = 0)',
    'btree (tenant, id) WHERE (waiting > 0)',
  ],
  fillfactor: 80,
  description: 'An item as the read model shows it, up to `revision`',
  row: {
    tenant: 'id',
    id: shown('id', notPersonal(z.string()).meta({ examples: ['cd-a-7'] })),
    status: shown('text', z.enum(['active', 'discontinued'])),
    onHand: shown('bigint', count),
    reserved: shown('bigint', count),
    available: shown('bigint', count),
    received: shown('bigint', count),
    adjusted: shown('bigint', z.int().meta({ description: 'On hand = received + adjusted − sold' })),
    sold: shown('bigint', count),
    waiting: shown('bigint', count.meta({ description: 'Reservations in line' })),
    awaited: shown('bigint', count.meta({ description: 'Pieces that those in line wait for' })),
    reorderPoint: shown('bigint?', count),
    revision: shown('bigint', z.int().min(0)),
    updatedAt: shown('timestamptz', recordedAt),
  },
});

export interface StockLevel {
  readonly status: 'active' | 'discontinued';
  readonly onHand: number;
  readonly reserved: number;
  readonly received: number;
  readonly adjusted: number;
  readonly sold: number;
  /** Reservations in line, and the pieces that they wait for. */
  readonly waiting: number;
  readonly awaited: number;
  readonly reorderPoint: number | null;
}

const tables = { stock: stockTable };

export const stockView = defineView<StockLevel, InventoryEvent, typeof tables>({
  name: 'stock',
  version: 2,
  category: 'inventory',
  tables,
  initialState: {
    status: 'active',
    onHand: 0,
    reserved: 0,
    received: 0,
    adjusted: 0,
    sold: 0,
    waiting: 0,
    awaited: 0,
    reorderPoint: null,
  },
  project(before, event) {
    const level = next(before, event);
    const { tenant, entityId: id, revision, at: updatedAt } = event;
    const available = level.onHand - level.reserved;
    return { state: level, rows: { stock: [{ tenant, id, ...level, available, revision, updatedAt }] } };
  },
});

function next(level: StockLevel, event: InventoryEvent): StockLevel {
  const { onHand, reserved } = level;
  switch (event.type) {
    case 'StockReceived': {
      const { quantity } = event.data;
      return { ...level, onHand: onHand + quantity, received: level.received + quantity };
    }
    case 'StockAdjusted':
      return { ...level, onHand: onHand + event.data.by, adjusted: level.adjusted + event.data.by };
    case 'StockReserved': {
      const { quantity, servedAt } = event.data;
      const line = servedAt === undefined ? level : inLine(level, -1, -quantity);
      return { ...line, reserved: reserved + quantity };
    }
    case 'ReservationConfirmed':
      return { ...wentOut(level, event.data.quantity), reserved: reserved - event.data.quantity };
    case 'ReservationReturned':
      return wentOut(level, -event.data.quantity);
    case 'ReservationReleased':
    case 'ReservationExpired':
      return { ...level, reserved: reserved - event.data.quantity };
    case 'ReservationQueued':
      return inLine(level, 1, event.data.quantity);
    case 'WaitCancelled':
    case 'WaitExpired':
    case 'WaitDeclined':
      return inLine(level, -1, -event.data.quantity);
    case 'ReorderPointSet':
      return { ...level, reorderPoint: event.data.reorderPoint };
    case 'StockDiscontinued':
      return { ...level, status: 'discontinued' };
    default:
      return level;
  }
}

function wentOut(level: StockLevel, pieces: number): StockLevel {
  return { ...level, onHand: level.onHand - pieces, sold: level.sold + pieces };
}

function inLine(level: StockLevel, more: number, pieces: number): StockLevel {
  return { ...level, waiting: level.waiting + more, awaited: level.awaited + pieces };
}
