import type { Pool } from 'pg';
import type { StockRow } from '#contracts/inventory/inventory.views.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import { findPage } from '#libs/read-model/list-query.js';
import { decodeIdCursor, encodeCursor, type Page } from '#libs/read-model/page.js';
import { stockView } from './stock.projection.js';

export interface StockFilter {
  readonly status?: StockRow['status'] | undefined;
  /** `low`: at or below the reorder point; `sold-out`: nothing is available; `awaited`: somebody waits in line. */
  readonly level?: 'low' | 'sold-out' | 'awaited' | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly tenant?: string;
}

interface Found {
  readonly id: string;
  readonly status: StockRow['status'];
  readonly on_hand: string;
  readonly reserved: string;
  readonly available: string;
  readonly received: string;
  readonly adjusted: string;
  readonly sold: string;
  readonly waiting: string;
  readonly awaited: string;
  readonly reorder_point: string | null;
  readonly revision: string;
  readonly updated_at: Date;
}

const levels = {
  low: 'available <= reorder_point',
  'sold-out': 'available = 0',
  awaited: 'waiting > 0',
} as const;

/** A page in the order of the SKUs. Throws `InvalidCursorError`. */
export async function findStock(pool: Pool, filter: StockFilter): Promise<Page<StockRow>> {
  const { status, level, limit, cursor, tenant = DEFAULT_TENANT } = filter;
  return findPage(pool, {
    select: `SELECT * FROM read_model.${stockView.tables.stock.name}`,
    where: [
      ['tenant = ?', tenant],
      ['id > ?', decodeIdCursor(cursor)],
      ['status = ?', status],
      ...(level === undefined ? [] : [[levels[level]] as const]),
    ],
    orderBy: 'id',
    limit,
    toItem: toRow,
    cursorOf: ({ id }) => encodeCursor(id),
  });
}

function toRow(found: Found): StockRow {
  return {
    id: found.id,
    status: found.status,
    onHand: Number(found.on_hand),
    reserved: Number(found.reserved),
    available: Number(found.available),
    received: Number(found.received),
    adjusted: Number(found.adjusted),
    sold: Number(found.sold),
    waiting: Number(found.waiting),
    awaited: Number(found.awaited),
    ...(found.reorder_point !== null && { reorderPoint: Number(found.reorder_point) }),
    revision: Number(found.revision),
    updatedAt: found.updated_at.toISOString(),
  };
}
