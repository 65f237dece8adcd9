import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, post, read, request, type Reply } from '../support/account-rest.js';
import { allPages, listed } from '../support/listed.js';

const wait = { prefer: 'wait=20' };
const url = (path: string): string => `${process.env['PERDURE_URL']}${path}`;

function tell(sku: string, command: string, body: object): Promise<Reply> {
  return post(url(`/v1/inventory/${sku}/${command}`), body, wait);
}

async function stocked(quantity: number): Promise<string> {
  const sku = `sku-${randomUUID()}`;
  expect((await tell(sku, 'receive', { quantity })).status).toBe(200);
  return sku;
}

async function live(sku: string): Promise<Record<string, unknown>> {
  return (await read(url(`/v1/inventory/${sku}`))).body;
}

describe('an item over REST', () => {
  let sku: string;
  beforeAll(async () => {
    sku = await stocked(10);
  });

  it('is reserved, confirmed and returned', async () => {
    const reservationId = 'r-1';
    await tell(sku, 'reserve', { reservationId, quantity: 4, cartId: 'cart-7' });
    expect(await live(sku)).toMatchObject({ id: sku, onHand: 10, reserved: 4, available: 6 });
    await tell(sku, 'confirm-reservation', { reservationId });
    expect(await live(sku)).toMatchObject({ onHand: 6, reserved: 0, available: 6, reservations: [] });
    await tell(sku, 'return-reservation', { reservationId });
    expect(await live(sku)).toMatchObject({ onHand: 10, reserved: 0, available: 10 });
    expect(await tell(sku, 'return-reservation', { reservationId })).toMatchObject({
      status: 409,
      body: { code: 'RESERVATION.RETURNED' },
    });
  });

  it('is never sold twice, with any number of concurrent requests', async () => {
    const rare = await stocked(5);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        tell(rare, 'reserve', { reservationId: `r-${index}`, quantity: 1 }),
      ),
    );
    const codes = replies.map(({ status, body }) => (status === 200 ? 'reserved' : body['code']));
    expect(codes.filter((code) => code === 'reserved')).toHaveLength(5);
    expect(codes.filter((code) => code === 'STOCK.INSUFFICIENT')).toHaveLength(15);
    expect(await live(rare)).toMatchObject({ onHand: 5, reserved: 5, available: 0 });
  });

  it('expires by itself, and serves those who wait', async () => {
    const rare = await stocked(1);
    const waitUntil = new Date(Date.now() + 60_000).toISOString();
    await tell(rare, 'reserve', { reservationId: 'first', quantity: 1, ttlSeconds: 10 });
    await tell(rare, 'reserve', { reservationId: 'second', quantity: 1, waitUntil });
    expect(await live(rare)).toMatchObject({ waiting: [{ reservationId: 'second' }] });
    const state = await eventually(
      () => live(rare),
      ({ waiting }) => (waiting as unknown[]).length === 0,
    );
    expect(state).toMatchObject({ reservations: [{ reservationId: 'second', quantity: 1 }], available: 0 });
    const events = await request(url(`/v1/inventory/${rare}/events`));
    expect((events.body['data'] as { type: string }[]).map(({ type }) => type)).toEqual([
      'StockReceived',
      'StockReserved',
      'ReservationQueued',
      'ReservationExpired',
      'StockReserved',
    ]);
  });

  it('has no route for its internal commands', async () => {
    expect((await tell(sku, 'expire-reservation', { reservationId: 'r-1' })).status).toBe(404);
    expect((await post(url('/v1/inventory'), { quantity: 1 })).status).toBe(405);
  });
});

describe('the lists of the inventory', () => {
  const day = new Date().toISOString().slice(0, 10);

  it('show stock levels, and low stock', async () => {
    const sku = await stocked(10);
    const high = await tell(sku, 'set-reorder-point', { reorderPoint: 4 });
    const rows = await listed(url('/v1/inventory?limit=200'), high);
    const { reservations: _, waiting: __, hash: ___, waitLimit: ____, ...state } = await live(sku);
    expect(rows.find(({ id }) => id === sku)).toMatchObject(state);
    const isLow = async (reply: Reply) => {
      return (await listed(url('/v1/inventory?level=low&limit=200'), reply)).some(({ id }) => id === sku);
    };
    expect(await isLow(high)).toBe(false);
    expect(await isLow(await tell(sku, 'reserve', { reservationId: 'r-1', quantity: 6 }))).toBe(true);
  });

  it('show the reservations of a cart, page by page', async () => {
    const cartId = `cart-${randomUUID()}`;
    const skus = (await Promise.all([stocked(5), stocked(5), stocked(5)])).sort();
    const replies = await Promise.all(
      skus.map((sku) => tell(sku, 'reserve', { reservationId: cartId, quantity: 2, cartId })),
    );
    for (const reply of replies) await listed(url(`/v1/reservations?cartId=${cartId}`), reply);
    const confirmed = await tell(skus[1], 'confirm-reservation', { reservationId: cartId });
    const rows = await listed(url(`/v1/reservations?cartId=${cartId}`), confirmed);
    expect(rows.map(({ sku, status, quantity }) => [sku, status, quantity])).toEqual([
      [skus[0], 'reserved', 2],
      [skus[1], 'confirmed', 2],
      [skus[2], 'reserved', 2],
    ]);
    expect(await allPages(url(`/v1/reservations?cartId=${cartId}&limit=2`))).toEqual(rows);
  });

  it('show the best sellers of a day', async () => {
    const sku = await stocked(1_000_000);
    await tell(sku, 'reserve', { reservationId: 'r-1', quantity: 900_000 });
    await tell(sku, 'reserve', { reservationId: 'r-2', quantity: 5 });
    await tell(sku, 'confirm-reservation', { reservationId: 'r-1' });
    await tell(sku, 'confirm-reservation', { reservationId: 'r-2' });
    const last = await tell(sku, 'return-reservation', { reservationId: 'r-2' });
    const rows = await listed(url(`/v1/best-sellers?day=${day}`), last);
    expect(rows).toContainEqual({ day, sku, sold: 900_005, returned: 5 });
    const net = rows.map(({ sold, returned }) => Number(sold) - Number(returned));
    expect(net).toEqual(net.toSorted((a, b) => b - a));
  });

  it.each([
    '/v1/best-sellers',
    '/v1/best-sellers?day=today',
    '/v1/best-sellers?day=0000-12-31',
    '/v1/reservations?cursor=x',
    '/v1/inventory?level=high',
    '/v1/inventory?sku=1',
  ])('refuse what they cannot understand: %s', async (path) => {
    expect(await request(url(path))).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID_QUERY' } });
  });
});
