import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import { CANCEL_FULFILMENT, FULFIL } from '../domain/checkout.saga.js';
import { fulfilmentCalls } from './fulfilment.calls.js';

/** The provider's answer to everything, and the last request. */
let answer: { readonly status: number; readonly text: string; readonly headers?: Record<string, string> };
let asked: string;
let preferred: readonly unknown[];
let server: Server;

beforeAll(async () => {
  server = createServer(({ method, url, headers }, reply) => {
    asked = `${method} ${url} ${String(headers['idempotency-key'])}`;
    preferred = [headers['prefer'], headers['callback-url']];
    reply.writeHead(answer.status, answer.headers).end(answer.text);
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

describe('an order that may be answered later', () => {
  const URL_OF = 'https://perdure.example/v1/callback-addresses?token=t';
  const placed = async (status: number, headers: Record<string, string> = {}) => {
    answer = { status, text: '', headers };
    const { port } = server.address() as AddressInfo;
    const data = { order: 'o-1', callbackUrl: URL_OF };
    return fulfilmentCalls(`http://127.0.0.1:${port}`)[FULFIL]?.(data, 'key-1', 'fulfilment-default.o-1');
  };

  it('says so, and where', async () => {
    await placed(200);
    expect(preferred).toEqual(['respond-async', URL_OF]);
    await called(FULFIL, 200);
    expect(preferred).toEqual([undefined, undefined]);
  });

  it.each(['respond-async', 'wait=10, Respond-Async'])('is later at a 202 with %s', async (applied) => {
    expect(await placed(202, { 'preference-applied': applied })).toEqual({ later: true });
  });

  it.each([
    [202, {}],
    [202, { 'preference-applied': 'wait=10' }],
    [200, { 'preference-applied': 'respond-async' }],
    [204, {}],
  ])('is done at any other success: %d %j', async (status, headers) => {
    expect(await placed(status, headers as Record<string, string>)).toEqual({});
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
