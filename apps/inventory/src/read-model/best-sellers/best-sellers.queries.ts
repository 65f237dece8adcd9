import type { Pool } from 'pg';
import type { BestSellerRow } from '#contracts/inventory/inventory.views.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import { findPage } from '#libs/read-model/list-query.js';
import { decodeCursorParts, encodeCursor, type Page } from '#libs/read-model/page.js';
import { bestSellersView } from './best-sellers.projection.js';

export interface BestSellersFilter {
  /** `2026-12-31`, UTC */
  readonly day: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly tenant?: string;
}

interface Found {
  readonly day: string;
  readonly sku: string;
  readonly sold: string;
  readonly returned: string;
}

const CURSOR = /^(\d{1,16})\/([A-Za-z0-9._~@:-]{1,200})$/;

/** A page of a day, best first; what all came back is left out. Throws `InvalidCursorError`. */
export async function findBestSellers(pool: Pool, filter: BestSellersFilter): Promise<Page<BestSellerRow>> {
  const { day, limit, cursor, tenant = DEFAULT_TENANT } = filter;
  const [lastNet, lastSku] = decodeCursorParts(cursor, CURSOR);
  return findPage(pool, {
    select: `SELECT day, sku, sold, returned FROM read_model.${bestSellersView.tables.sales.name}`,
    where: [['tenant = ?', tenant], ['day = ?', day], ['net > 0'], ['(net, sku) < (?, ?)', lastNet, lastSku]],
    orderBy: 'net DESC, sku DESC',
    limit,
    toItem: ({ sold, returned, ...named }: Found) => ({
      ...named,
      sold: Number(sold),
      returned: Number(returned),
    }),
    cursorOf: ({ sold, returned, sku }) => encodeCursor(`${sold - returned}/${sku}`),
  });
}
