import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import { cardCalls } from './card.calls.js';

/** The provider's answer to everything, and the last request. */
let answer: { readonly status: number; readonly text: string };
let asked: string;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, reply) => {
    asked = `${request.method} ${request.url} ${String(request.headers['idempotency-key'])}`;
    request.on('data', (part: Buffer) => (asked += ` ${part.toString()}`));
    request.on('end', () => reply.writeHead(answer.status).end(answer.text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(() => {
  answer = { status: 200, text: '{"id":"pay/1","state":"succeeded","charged":500}' };
});

const order = { reference: 'order-1', amount: 500, currency: 'EUR', card: 'tok_visa' };

async function call(name: string, data: JsonObject): Promise<JsonObject | string> {
  try {
    return (await cardCalls(url)[name]?.(data, 'key-1', 'cardPayment-default.p1')) ?? 'no such call';
  } catch (error) {
    if (!(error instanceof EffectRefusedError)) return 'asked again';
    return `refused: ${error.code} ${error.message}`;
  }
}

describe('the provider is asked', () => {
  it('to charge a card', async () => {
    expect(await call('charge-card', order)).toEqual({ id: 'pay/1', state: 'succeeded' });
    expect(asked).toBe(`POST /payments key-1 ${JSON.stringify(order)}`);
  });

  it('to hold an amount under an id of ours, to take it, and to give it back', async () => {
    await call('authorise-card', { id: 'c:1', ...order });
    const body = JSON.stringify({ id: 'c:1', ...order, capture: 'manual' });
    expect(asked).toBe(`POST /payments key-1 ${body}`);
    await call('capture-card', { id: 'c:1' });
    expect(asked).toBe('POST /payments/c%3A1/capture key-1');
    await call('undo-card', { id: 'c:1' });
    expect(asked).toBe('POST /payments/c%3A1/undo key-1');
  });

  it.each(['charge-card', 'authorise-card', 'capture-card', 'card-status'])(
    'by %s, which also says the name of its webhooks, if it sends any',
    async (name) => {
      const answered = await cardCalls(url, 'card')[name]?.({ id: 'pay/1' }, 'key-1', 'any');
      expect(answered).toEqual({ id: 'pay/1', state: 'succeeded', webhooks: 'card' });
    },
  );

  it('for the status of a payment', async () => {
    expect(await call('card-status', { id: 'pay/1' })).toEqual({ id: 'pay/1', state: 'succeeded' });
    expect(asked).toBe('GET /payments/pay%2F1 undefined');
  });

  it('to void a payment', async () => {
    expect(await call('void-card', { id: 'pay/1' })).toEqual({ id: 'pay/1', state: 'succeeded' });
    expect(asked).toBe('POST /payments/pay%2F1/void key-1');
  });

  it('to refund a payment', async () => {
    expect(await call('refund-card', { id: 'pay/1' })).toEqual({ id: 'pay/1', state: 'succeeded' });
    expect(asked).toBe('POST /payments/pay%2F1/refund key-1');
  });
});

describe('a refusal', () => {
  it('has the code and the words of the provider', async () => {
    answer = { status: 402, text: '{"code":"declined","detail":"no funds"}' };
    expect(await call('charge-card', order)).toBe('refused: CARD.DECLINED no funds');
  });

  it.each(['', 'no', '{}', '{"code":"A B","detail":"no"}', '{"code":1}'])(
    'without a usable code becomes CARD.REFUSED: %j',
    async (text) => {
      answer = { status: 422, text };
      expect(await call('charge-card', order)).toBe(
        `refused: CARD.REFUSED ${text || 'the card provider answers 422'}`,
      );
    },
  );
});

it.each(['', 'ok', '{}', '{"id":"","state":"succeeded"}', '{"id":"pay-1"}'])(
  'an answer that is not a payment is retried: %j',
  async (text) => {
    answer = { status: 200, text };
    expect(await call('charge-card', order)).toBe('asked again');
  },
);
