import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { secretBytes } from '#libs/api/http/webhook-signature.js';
import { createPaymentSandbox } from './payment-sandbox.js';

let folder: string;
let sandbox: FastifyInstance;
let url: string;
let receiver: Server;
let webhookUrl: string;
/** The receiver's next answers; then 200. */
let statuses: number[];
let received: string[];
let ids: unknown[];
/** Whether each was signed as the specification says. */
let verdicts: string[];
const secret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'webhooks-'));
  [statuses, received, ids, verdicts] = [[], [], [], []];
  receiver = createServer((request, reply) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      received.push((JSON.parse(text) as { state: string }).state);
      ids.push(request.headers['webhook-id']);
      verdicts.push(verdictOf(text, request.headers));
      reply.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  webhookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  await open();
});

afterEach(async () => {
  await sandbox.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  rmSync(folder, { recursive: true });
});

async function open(): Promise<void> {
  sandbox = createPaymentSandbox(join(folder, 'payments.jsonl'), pino({ level: 'silent' }), {
    url: webhookUrl,
    secret: secretBytes(secret),
  });
  url = await sandbox.listen({ port: 0, host: '127.0.0.1' });
}

/** The package of the specification is the judge. */
function verdictOf(text: string, headers: IncomingHttpHeaders): string {
  try {
    new Webhook(secret).verify(text, headers as Record<string, string>);
    return 'valid';
  } catch (error) {
    return (error as Error).message;
  }
}

async function post(path: string, body: object): Promise<string> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  const reply = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return ((await reply.json()) as { id: string }).id;
}

const pay = (card: string) =>
  post('/payments', { reference: 'order-1', amount: 500, currency: 'EUR', card, webhookUrl });

async function untilReceived(count: number): Promise<string[]> {
  while (received.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  return received;
}

it('sends each state in order, with its own id', async () => {
  const id = await pay('tok_slow_50');
  expect(await untilReceived(2)).toEqual(['processing', 'succeeded']);
  await post(`/payments/${id}/refund`, {});
  expect(await untilReceived(3)).toEqual(['processing', 'succeeded', 'refunded']);
  expect(ids).toEqual([`${id}-1`, `${id}-2`, `${id}-3`]);
});

it('sends the final state at once when processing is ended early', async () => {
  const id = await pay('tok_slow_900000');
  await untilReceived(1);
  await post(`/payments/${id}/settle`, { state: 'failed' });
  expect(await untilReceived(2)).toEqual(['processing', 'failed']);
});

it('repeats a message that was not accepted', async () => {
  statuses = [503, 302];
  const id = await pay('tok_visa');
  expect(await untilReceived(3)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  expect(ids).toEqual([`${id}-1`, `${id}-1`, `${id}-1`]);
});

it('sends a message twice if the card asks for it', async () => {
  await pay('tok_double');
  expect(await untilReceived(2)).toEqual(['succeeded', 'succeeded']);
  expect(ids[0]).toBe(ids[1]);
});

it('sends messages in the wrong order if the card asks for it', async () => {
  await pay('tok_reordered_50');
  expect(await untilReceived(2)).toEqual(['succeeded', 'processing']);
});

it('resumes after a restart', async () => {
  await pay('tok_slow_200');
  await untilReceived(1);
  await sandbox.close();
  await open();
  while (!received.includes('succeeded')) await new Promise((resolve) => setTimeout(resolve, 10));
});

it('signs all of them as the specification says', async () => {
  await pay('tok_slow_50');
  await untilReceived(2);
  expect(verdicts).toEqual(['valid', 'valid']);
});

it.each([
  ['tok_forged_900000', 'No matching signature found'],
  ['tok_stale_900000', 'Message timestamp too old'],
])('sends %s wrongly once', async (card, verdict) => {
  statuses = [401];
  await pay(card);
  await untilReceived(2);
  expect(verdicts).toEqual([verdict, 'valid']);
});

it('sends webhooks before the reply, or late, if the card asks for it', async () => {
  await pay('tok_early_200');
  expect(received[0]).toBe('processing');
  const before = received.length;
  await pay('tok_late_200');
  expect(received.length).toBeLessThanOrEqual(before + 1);
  await untilReceived(4);
});

describe('the configured address is told', () => {
  const order = { reference: 'order-1', amount: 500, currency: 'EUR' };

  it('of payments that are processed for a while, and of no others', async () => {
    await post('/payments', { ...order, card: 'tok_visa' });
    await post('/payments', { ...order, card: 'tok_slow_10' });
    expect(await untilReceived(2)).toEqual(['processing', 'succeeded']);
  });

  it('of amounts that are held once the cardholder has confirmed', async () => {
    const id = await post('/payments', { ...order, card: 'tok_requires_action', capture: 'manual' });
    await untilReceived(1);
    await post(`/payments/${id}/confirm`, {});
    expect(await untilReceived(2)).toEqual(['requires_action', 'created']);
  });

  it('of amounts that are taken slowly', async () => {
    const id = await post('/payments', { ...order, card: 'tok_slow_10', capture: 'manual' });
    await untilReceived(1);
    await post(`/payments/${id}/capture`, {});
    expect(await untilReceived(3)).toEqual(['created', 'processing', 'succeeded']);
  });
});
