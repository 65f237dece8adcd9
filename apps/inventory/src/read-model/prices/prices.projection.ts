import { z } from 'zod';
import { balance, currency, entityId, recordedAt } from '#contracts/fields.js';
import type { ListedPrice, PriceEvent } from '#contracts/price/price.contract.js';
import { shown, viewTable } from '#contracts/view-table.js';
import { defineView, type RowOf } from '#libs/core/view-definition.js';
import { evolvePrice } from '../../domain/price.evolve.js';
import { findPrice, initialPrices, type PriceState } from '../../domain/price.state.js';

/** One row for each price of an item, by its start. */
export const pricesTable = viewTable('prices_v1', {
  key: ['tenant', 'sku', 'currency', 'validFrom'],
  owner: 'sku',
  indexes: ['btree (tenant, currency, sku, valid_from)', 'btree (tenant, status, sku, currency, valid_from)'],
  fillfactor: 80,
  description: 'A price of an item, in minor units: valid, planned or past',
  row: {
    tenant: 'id',
    sku: shown('id', entityId),
    currency: shown('id', currency),
    unitPrice: shown('bigint', balance),
    status: shown('text', z.enum(['planned', 'valid', 'replaced', 'ended', 'withdrawn'])),
    validFrom: shown('timestamptz', recordedAt),
    validUntil: shown('timestamptz?', recordedAt),
    endedAt: shown(
      'timestamptz?',
      recordedAt.meta({ description: 'When it was replaced, ended or was withdrawn' }),
    ),
    revision: shown('bigint', z.int().min(0)),
    updatedAt: shown('timestamptz', recordedAt),
  },
});

type Status = RowOf<typeof pricesTable>['status'];

/** A price with what became of it. */
interface Standing {
  readonly price: ListedPrice;
  readonly status: Status;
  readonly endedAt?: string;
}

const tables = { prices: pricesTable };

/** All prices that an item ever had. Its state is that of the price list. */
export const pricesView = defineView<PriceState, PriceEvent, typeof tables>({
  name: 'prices',
  version: 1,
  category: 'price',
  tables,
  initialState: initialPrices,
  project(before, event) {
    const { tenant, entityId: sku, revision, at: updatedAt } = event;
    const rows = standings(before, event).map(({ price, ...standing }) => {
      return { tenant, sku, validUntil: null, endedAt: null, ...price, ...standing, revision, updatedAt };
    });
    return { state: evolvePrice(before, event), rows: { prices: rows } };
  },
});

function standings(before: PriceState, event: PriceEvent): readonly Standing[] {
  switch (event.type) {
    case 'PriceSet':
    case 'PriceBegan':
      return [...replaced(before, event.data), { price: event.data, status: 'valid' }];
    case 'PricePlanned':
      return [{ price: event.data, status: 'planned' }];
    case 'PriceEnded': {
      const { validUntil: endedAt = '' } = event.data;
      return [{ price: event.data, status: 'ended', endedAt }];
    }
    case 'PriceWithdrawn': {
      const { withdrawnAt: endedAt, ...price } = event.data;
      return [{ price, status: 'withdrawn', endedAt }];
    }
    default:
      return [];
  }
}

/** The price that another one replaces. One that began at the same time was never valid. */
function replaced(before: PriceState, { currency: replacing, validFrom: endedAt }: ListedPrice) {
  const price = findPrice(before, replacing);
  return price && price.validFrom !== endedAt ? [{ price, status: 'replaced' as const, endedAt }] : [];
}
