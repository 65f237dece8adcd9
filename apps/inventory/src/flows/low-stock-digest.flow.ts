import type { LowStockDigestTypes } from '#contracts/low-stock-digest/low-stock-digest.kind.js';
import { callPolicy, type FlowFunction } from '#libs/core/flow/flow.js';
import type { JsonObject } from '#libs/core/json.js';

/** An item at or below its reorder point. */
export interface LowItem {
  readonly sku: string;
  readonly available: number;
  readonly reorderPoint: number;
  /** Pieces for which customers wait. */
  readonly awaited: number;
}

/** The first items, by SKU, and whether there are more. */
export interface LowStock {
  readonly items: readonly LowItem[];
  readonly hasMore: boolean;
}

type Mail = { readonly to: string; readonly subject: string; readonly text: string };

/**
 * What the digest calls. It gives up after some hours: the next one is more useful than a late one.
 */
export const lowStockDigestCalls = {
  'low-stock': callPolicy<JsonObject, LowStock>({ patience: '6h' }),
  'send-mail': callPolicy<Mail, JsonObject>({ patience: '6h' }),
};

/** Mails which items are low. Without any, nobody gets a mail. */
export const digestLowStock: FlowFunction<LowStockDigestTypes, typeof lowStockDigestCalls> = async (
  { to },
  f,
) => {
  const { items, hasMore } = await f.call('low-stock', {});
  if (items.length === 0) return { status: 'nothing-low', items: 0 };
  const lines = items.map(({ sku, available, reorderPoint, awaited }) => {
    const waiting = awaited > 0 ? `, ${awaited} awaited` : '';
    return `${sku}: ${available} available, to be ordered at ${reorderPoint}${waiting}`;
  });
  const text = [...lines, ...(hasMore ? ['There are more: see /v1/inventory?level=low'] : [])].join('\n');
  const many = `${items.length}${hasMore ? ' or more' : ''}`;
  await f.call('send-mail', { to, subject: `Low stock: ${many} ${many === '1' ? 'item' : 'items'}`, text });
  return { status: 'sent', items: items.length };
};
