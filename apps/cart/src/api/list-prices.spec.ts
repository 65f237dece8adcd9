import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { DAY, HOUR, moment } from '#libs/testing/moments.js';
import { listPrices } from './list-prices.js';

const item = { sku: 'cd', quantity: 1 };
const price = (unitPrice: number, more: object = {}) => {
  return { unitPrice, currency: 'EUR', validFrom: moment(), ...more };
};

/** What an item becomes when it is added after half an hour, with these price lists. */
async function completed(lists: Readonly<Record<string, object>>, data: JsonObject = item) {
  const asked: string[] = [];
  const ask = async (stream: string): Promise<JsonObject | undefined> => {
    asked.push(stream);
    return lists[stream] as JsonObject | undefined;
  };
  const gateway = { ask } as unknown as EntityGateway;
  const context = { stream: 'cart-acme.c1', tenant: 'acme', at: moment(HOUR / 2), gateway };
  return { data: await listPrices(data, context), asked };
}

describe('an item to be added', () => {
  it('gets the prices that are valid then, in all currencies', async () => {
    const prices = [price(999, { validUntil: moment(HOUR) }), price(1_099, { currency: 'USD' })];
    const planned = [price(799, { validFrom: moment(DAY) })];
    expect(await completed({ 'price-acme.cd': { prices, planned } })).toEqual({
      data: {
        ...item,
        listed: [
          { unitPrice: 999, currency: 'EUR' },
          { unitPrice: 1_099, currency: 'USD' },
        ],
      },
      asked: ['price-acme.cd'],
    });
  });

  it('gets a price that begins or ends by then, whatever the list says yet', async () => {
    const prices = [price(999), price(1_099, { currency: 'USD', validUntil: moment(60) })];
    const planned = [price(799, { validFrom: moment(HOUR / 2) })];
    const { data } = await completed({ 'price-acme.cd': { prices, planned } });
    expect(data['listed']).toEqual([{ unitPrice: 799, currency: 'EUR' }]);
  });

  it('gets none if there is no price list', async () => {
    expect((await completed({})).data).toEqual({ ...item, listed: [] });
  });

  it('keeps the price that its sender names', async () => {
    const named = { ...item, unitPrice: 5, currency: 'EUR' };
    expect(await completed({}, named)).toEqual({ data: named, asked: [] });
  });
});
