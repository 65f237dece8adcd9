import type { PriceList } from '#contracts/price/price.contract.js';
import { pricesAt } from '#contracts/price/prices-at.js';
import { streamName } from '#libs/core/entity-id.js';
import type { Complete } from '#libs/api/entities/completing-door.js';

/**
 * Adds the prices of the item that are valid when the command is received, in all currencies: which
 * one counts depends on the cart. A command that names a price needs none.
 */
export const listPrices: Complete = async (data, { tenant, at, gateway }) => {
  if (data['unitPrice'] !== undefined) return data;
  const list = await gateway.ask(streamName('price', data['sku'] as string, tenant));
  const valid = list ? pricesAt(list as unknown as PriceList, at) : [];
  return { ...data, listed: valid.map(({ unitPrice, currency }) => ({ unitPrice, currency })) };
};
