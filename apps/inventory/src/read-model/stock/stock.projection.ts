import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import type { StockRow } from '#contracts/inventory/inventory.views.js';
import { defineView } from '#libs/core/view-definition.js';

export interface StockLevel {
  readonly status: StockRow['status'];
  readonly onHand: number;
  readonly reserved: number;
  readonly received: number;
  readonly adjusted: number;
  readonly sold: number;
  /** Reservations in line, and the pieces they wait for. */
  readonly waiting: number;
  readonly awaited: number;
  readonly reorderPoint: number | null;
}

const tables = {
  stock: {
    name: 'stock_v2',
    key: ['tenant', 'id'],
    owner: 'id',
    indexes: ['btree (tenant, status, id)', 'btree (tenant, id) WHERE (waiting > 0)'],
    columns: {
      tenant: 'text',
      id: 'text',
      status: 'text',
      on_hand: 'bigint',
      reserved: 'bigint',
      available: 'bigint',
      received: 'bigint',
      adjusted: 'bigint',
      sold: 'bigint',
      waiting: 'bigint',
      awaited: 'bigint',
      reorder_point: 'bigint?',
      revision: 'bigint',
      updated_at: 'timestamptz',
    },
  },
} as const;

/** The list of stock: a row for each item. */
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
    const { onHand, reorderPoint, ...shown } = level;
    const row = {
      tenant: event.tenant,
      id: event.entityId,
      ...shown,
      on_hand: onHand,
      available: onHand - level.reserved,
      reorder_point: reorderPoint,
      revision: event.revision,
      updated_at: event.at,
    };
    return { state: level, rows: { stock: [row] } };
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
    case 'ReservationExtended':
    case 'ReservationsSettled':
    case 'WaitLimitSet':
    case 'LowStock':
    case 'BackInStock':
      return level;
    default:
      return unchanged(level, event);
  }
}

function wentOut(level: StockLevel, pieces: number): StockLevel {
  return { ...level, onHand: level.onHand - pieces, sold: level.sold + pieces };
}

function inLine(level: StockLevel, more: number, pieces: number): StockLevel {
  return { ...level, waiting: level.waiting + more, awaited: level.awaited + pieces };
}

/** An event of a later version of this program: only the revision shows that it happened. */
function unchanged(level: StockLevel, _event: never): StockLevel {
  return level;
}
