import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import { CANCEL_FULFILMENT, FULFIL } from '../domain/checkout.saga.js';
import { fulfilmentCalls } from './fulfilment.calls.js';

/** The provider's answer to everything, and the last request. */
let answer: { readonly status: number; readonly text: string };
let asked: string;
let server: Server;

beforeAll(async () => {
  server = createServer(({ method, url, headers }, reply) => {
    asked = `${method} ${url} ${String(headers['idempotency-key'])}`;
    reply.writeHead(answer.status).end(answer.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

/** The result of a call when the provider answers like this. */
async function called(name: string, status: number, text = ''): Promise<object | string> {
  answer = { status, text };
  const { port } = server.address() as AddressInfo;
  const call = fulfilmentCalls(`http://127.0.0.1:${port}`)[name];
  try {
    return (
      (await call?.({ order: 'cart:checkout-1' }, 'key-1', 'checkout-default.cart:checkout-1')) ??
      'no such call'
    );
  } catch (error) {
    if (!(error instanceof EffectRefusedError)) return 'asked again';
    expect(error.code).toBe('FULFILMENT.REFUSED');
    return `refused: ${error.message}`;
  }
}

describe('an order', () => {
  it('is taken under an id that is the same at every try', async () => {
    expect(await called(FULFIL, 201)).toEqual({});
    expect(asked).toBe('PUT /orders/cart%3Acheckout-1 key-1');
  });

  it.each([404, 410, 422])('is refused by a %d', async (status) => {
    expect(await called(FULFIL, status)).toBe(`refused: fulfilment answers ${status}`);
  });

  it.each([408, 409, 425, 429, 500, 503])('is asked for again after a %d', async (status) => {
    expect(await called(FULFIL, status)).toBe('asked again');
  });

  it('is refused in the words of the provider', async () => {
    expect(await called(FULFIL, 422, 'no deliveries')).toBe('refused: no deliveries');
  });
});

describe('the cancelling of an order', () => {
  it.each([200, 204])('is done at a %d', async (status) => {
    expect(await called(CANCEL_FULFILMENT, status)).toEqual({});
    expect(asked).toBe('DELETE /orders/cart%3Acheckout-1 key-1');
  });

  it.each([404, 410])('is done at a %d: there was nothing to cancel', async (status) => {
    expect(await called(CANCEL_FULFILMENT, status)).toEqual({});
  });

  it.each([400, 403, 422])('is refused by a %d', async (status) => {
    expect(await called(CANCEL_FULFILMENT, status)).toBe(`refused: fulfilment answers ${status}`);
  });

  it.each([408, 409, 425, 429, 500])('is asked for again after a %d', async (status) => {
    expect(await called(CANCEL_FULFILMENT, status)).toBe('asked again');
  });
});
