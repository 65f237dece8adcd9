import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createPaymentSandbox } from './payment-sandbox.js';

let folder: string;
let file: string;
let server: FastifyInstance;
let url: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'payment-sandbox-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  file = join(folder, `${randomUUID()}.jsonl`);
  await open();
});
afterEach(() => server.close());

async function open(): Promise<void> {
  server = createPaymentSandbox(file, pino({ level: 'silent' }));
  url = await server.listen({ port: 0, host: '127.0.0.1' });
}

async function reopen(): Promise<void> {
  await server.close();
  await open();
}

interface Reply {
  readonly status: number;
  readonly body: { readonly [field: string]: unknown; readonly id: string };
}

async function ask(path: string, init?: RequestInit): Promise<Reply> {
  const reply = await fetch(`${url}${path}`, init);
  return { status: reply.status, body: (await reply.json()) as Reply['body'] };
}

function post(path: string, body: object = {}, key: string = randomUUID()): Promise<Reply> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  return ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

const order = (card: string, more: object = {}) => ({
  reference: 'order-1',
  amount: 500,
  currency: 'EUR',
  card,
  ...more,
});
const pay = (card: string, key?: string, more?: object) => post('/payments', order(card, more), key);
const read = async (id: string) => (await ask(`/payments/${id}`)).body;
const states = async (id: string) =>
  ((await read(id))['history'] as { state: string }[]).map(({ state }) => state);

async function until(id: string, state: string): Promise<void> {
  while ((await read(id))['state'] !== state) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a payment', () => {
  it('succeeds at once with an ordinary card', async () => {
    const { status, body } = await pay('tok_visa');
    expect([status, body]).toEqual([201, { id: expect.stringMatching(/^pay_/), state: 'succeeded' }]);
    expect(await read(body.id)).toMatchObject({ reference: 'order-1', amount: 500, charged: 500 });
  });

  it.each([
    ['tok_declined', 'declined'],
    ['tok_insufficient_funds', 'insufficient_funds'],
  ])('with %s is declined, and nothing is charged', async (card, code) => {
    expect(await pay(card)).toMatchObject({ status: 402, body: { code } });
    expect((await ask('/payments')).body).toMatchObject({ count: 0, charged: {} });
  });

  it.each([
    ['tok_slow_30', 'succeeded', 500],
    ['tok_fails_later_30', 'failed', 0],
  ])('with %s is processed for a while and then enters %s', async (card, state, charged) => {
    const { body } = await pay(card);
    expect(body['state']).toBe('processing');
    await until(body.id, state);
    expect(await read(body.id)).toMatchObject({ charged });
    expect(await states(body.id)).toEqual(['processing', state]);
  });

  it('can be settled by hand once while it is processed', async () => {
    const { body } = await pay('tok_slow_900000');
    expect(await post(`/payments/${body.id}/settle`, { state: 'failed' })).toMatchObject({ status: 200 });
    expect(await states(body.id)).toEqual(['processing', 'failed']);
    expect(await post(`/payments/${body.id}/settle`, { state: 'succeeded' })).toMatchObject({ status: 422 });
  });

  it('that requires an action succeeds once it is confirmed', async () => {
    const { body } = await pay('tok_requires_action');
    expect(body['state']).toBe('requires_action');
    expect(await post(`/payments/${body.id}/confirm`)).toMatchObject({ body: { state: 'succeeded' } });
  });

  it('can be held first and then captured or voided', async () => {
    const [one, other] = [
      await pay('tok_visa', 'a', { capture: 'manual' }),
      await pay('tok_visa', 'b', { capture: 'manual' }),
    ];
    expect(await read(one.body.id)).toMatchObject({ state: 'created', charged: 0 });
    await post(`/payments/${one.body.id}/capture`);
    await post(`/payments/${other.body.id}/void`);
    expect(await read(one.body.id)).toMatchObject({ state: 'succeeded', charged: 500 });
    expect(await read(other.body.id)).toMatchObject({ state: 'voided', charged: 0 });
  });

  it('that is held may not be captured', async () => {
    const { body } = await pay('tok_capture_declined', 'a', { capture: 'manual' });
    expect(await post(`/payments/${body.id}/capture`)).toMatchObject({
      status: 402,
      body: { code: 'capture_declined' },
    });
    expect(await read(body.id)).toMatchObject({ state: 'created', charged: 0 });
  });

  it('can have an id of the payer, under which there is one', async () => {
    expect(await pay('tok_visa', 'a', { id: 'cart:1' })).toMatchObject({ status: 201 });
    expect(await pay('tok_visa', 'b', { id: 'cart:1' })).toMatchObject({ status: 200 });
    const other = { id: 'cart:1', amount: 1 };
    expect(await pay('tok_visa', 'c', other)).toMatchObject({ body: { code: 'id_used' } });
    expect(await read('cart%3A1')).toMatchObject({ charged: 500 });
  });

  it('is undone in whatever state it is, and stays so', async () => {
    await pay('tok_visa', 'a', { id: 'held', capture: 'manual' });
    await pay('tok_requires_action', 'b', { id: 'pending' });
    await pay('tok_visa', 'c', { id: 'taken' });
    const undo = async (id: string) => (await post(`/payments/${id}/undo`)).body['state'];
    for (const [id, state] of [
      ['held', 'voided'],
      ['pending', 'voided'],
      ['taken', 'refunded'],
    ] as const) {
      expect([await undo(id), await undo(id)]).toEqual([state, state]);
      expect(await read(id)).toMatchObject({ state, charged: 0 });
    }
    expect(await post('/payments/held/capture')).toMatchObject({ body: { code: 'wrong_state' } });
  });

  it('that is undone before it is made is refused, also after a restart', async () => {
    expect(await post('/payments/early/undo')).toMatchObject({ body: { id: 'early', state: 'voided' } });
    await reopen();
    const late = { id: 'early', capture: 'manual' };
    expect(await pay('tok_visa', 'a', late)).toMatchObject({ status: 422, body: { code: 'undone' } });
    expect((await ask('/payments')).body).toMatchObject({ count: 0 });
  });

  it('is refunded once: a repeat gets the same answer, and another request is refused', async () => {
    const { body } = await pay('tok_visa');
    const refund = (key: string) => post(`/payments/${body.id}/refund`, {}, key);
    expect(await refund('refund')).toEqual({ status: 200, body: { id: body.id, state: 'refunded' } });
    expect(await refund('refund')).toEqual({ status: 200, body: { id: body.id, state: 'refunded' } });
    expect(await refund('again')).toMatchObject({ status: 422, body: { code: 'wrong_state' } });
    expect(await read(body.id)).toMatchObject({ charged: 0 });
  });

  it('that does not exist is not found', async () => {
    expect(await ask('/payments/pay_1')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await post('/payments/pay_1/refund')).toMatchObject({ status: 404 });
  });

  it.each([['tok_unknown'], ['visa'], ['__proto__']])('with the card %s is refused', async (card) => {
    expect(await pay(card)).toMatchObject({ status: 422 });
  });
});

describe('a key', () => {
  it('charges once, and gives every repeat the first answer', async () => {
    const first = await pay('tok_slow_30', 'key');
    await until(first.body.id, 'succeeded');
    expect(await pay('tok_slow_30', 'key')).toEqual(first);
    expect((await ask('/payments')).body).toMatchObject({ count: 1, charged: { EUR: 500 } });
  });

  it('remembers a decline', async () => {
    expect(await pay('tok_declined', 'key')).toEqual(await pay('tok_declined', 'key'));
  });

  it('cannot be used for a different request', async () => {
    await pay('tok_visa', 'key');
    expect(await pay('tok_visa', 'key', { amount: 1 })).toMatchObject({
      status: 409,
      body: { code: 'key_reused' },
    });
    expect((await ask('/payments')).body).toMatchObject({ count: 1 });
  });

  it('is required', async () => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(order('tok_visa')) };
    expect(await ask('/payments', init)).toMatchObject({ status: 400, body: { code: 'key_required' } });
  });
});

describe('on request', () => {
  it('a reply is lost: the work is done, and the repeat gets the answer', async () => {
    await expect(pay('tok_lost_reply', 'key')).rejects.toThrow('fetch failed');
    expect(await pay('tok_lost_reply', 'key')).toMatchObject({ status: 201, body: { state: 'succeeded' } });
    expect((await ask('/payments')).body).toMatchObject({ count: 1 });
  });

  it('the provider is unavailable at first', async () => {
    expect(await pay('tok_unavailable', 'key')).toMatchObject({ status: 503 });
    expect(await pay('tok_unavailable', 'key')).toMatchObject({ status: 503 });
    expect(await pay('tok_unavailable', 'key')).toMatchObject({ status: 201 });
  });
});

describe('after a restart', () => {
  it('payments and the answers under their keys are the same', async () => {
    const paid = await pay('tok_visa', 'paid');
    const declined = await pay('tok_declined', 'declined');
    await expect(pay('tok_lost_reply', 'lost')).rejects.toThrow();
    const before = await ask('/payments');
    await reopen();
    expect(await ask('/payments')).toEqual(before);
    expect(await pay('tok_visa', 'paid')).toEqual(paid);
    expect(await pay('tok_declined', 'declined')).toEqual(declined);
    expect(await pay('tok_lost_reply', 'lost')).toMatchObject({ status: 201 });
    expect((await ask('/payments')).body).toMatchObject({ count: 2 });
  });

  it('processing ends as planned', async () => {
    const { body } = await pay('tok_fails_later_100');
    await reopen();
    await until(body.id, 'failed');
    expect(await states(body.id)).toEqual(['processing', 'failed']);
  });
});

it('lists payments by reference, in pages, with what they have charged together', async () => {
  for (const reference of ['a', 'b', 'a', 'a']) await pay('tok_visa', undefined, { reference });
  const { body } = await ask('/payments?reference=a&limit=2');
  expect(body).toMatchObject({ count: 3, charged: { EUR: 1_500 } });
  expect(body['payments']).toHaveLength(2);
  const rest = await ask(`/payments?reference=a&limit=2&after=${String(body['next'])}`);
  expect(rest.body['payments']).toHaveLength(1);
  expect(rest.body).not.toHaveProperty('next');
});
