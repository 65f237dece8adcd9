import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually, post, request, type Reply } from '../support/account-rest.js';

jest.setTimeout(60_000);

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
  return (await request(url(`/v1/inventory/${sku}`))).body;
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

  it('is never sold twice, however many ask at once', async () => {
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

  it('expires by itself, and serves whoever waits', async () => {
    const rare = await stocked(1);
    const waitUntil = new Date(Date.now() + 60_000).toISOString();
    await tell(rare, 'reserve', { reservationId: 'first', quantity: 1, ttlSeconds: 1 });
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

  it('has no route for what it tells itself', async () => {
    expect((await tell(sku, 'expire-reservation', { reservationId: 'r-1' })).status).toBe(404);
    expect((await post(url('/v1/inventory'), { quantity: 1 })).status).toBe(404);
  });
});
