import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EffectRefusedError } from './entity-activities.errors.js';
import { callOverHttp, type HttpCall } from './http-call.js';

let answer: RequestListener;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, reply) => answer(request, reply));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/path`;
});

afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const reasonOf = (detail: string) => ({ code: 'BANK.REFUSED', detail });

/** What comes of a call: its text, its refusal, or that it is to be retried. */
async function outcome(more: Partial<HttpCall> = {}): Promise<string> {
  try {
    return await callOverHttp({ provider: 'the bank', method: 'POST', url, reasonOf, ...more });
  } catch (error) {
    if (error instanceof EffectRefusedError) return `refused: ${error.code} ${error.message}`;
    return `retried: ${(error as Error).message}`;
  }
}

const answering = (status: number, text = '', headers = {}): RequestListener => {
  return (_, reply) => void reply.writeHead(status, headers).end(text);
};

it('carries the key and the body', async () => {
  answer = (request, reply) => {
    const { method, headers } = request;
    reply.write(`${method} ${String(headers['idempotency-key'])} ${headers['content-type']} `);
    request.pipe(reply);
  };
  const text = await outcome({ idempotencyKey: 'key-1', body: { amount: 5 } });
  expect(text).toBe('POST key-1 application/json {"amount":5}');
  expect(await outcome({ method: 'GET' })).toBe('GET undefined undefined ');
});

describe('a status', () => {
  it.each([200, 201, 204])('of %d is done', async (status) => {
    answer = answering(status);
    expect(await outcome()).toBe('');
  });

  it.each([400, 402, 404, 410, 422])('of %d is a refusal', async (status) => {
    answer = answering(status, 'no');
    expect(await outcome()).toBe('refused: BANK.REFUSED no');
  });

  it.each([408, 409, 425, 429, 500, 503])('of %d is retried', async (status) => {
    answer = answering(status, 'no');
    expect(await outcome()).toBe(`retried: the bank answers ${status}`);
  });

  it('may mean that the work is done already', async () => {
    answer = answering(404);
    expect(await outcome({ done: [404] })).toBe('');
  });

  it('of a redirect is retried, not followed', async () => {
    answer = answering(302, '', { location: url });
    expect(await outcome()).toBe('retried: the bank answers 302');
  });
});

it('reports a refusal on one line, with no pair cut in two', async () => {
  answer = answering(422, `no\r\n\0${'😀'.repeat(99)}`);
  expect(await outcome()).toBe(`refused: BANK.REFUSED no ${'😀'.repeat(98)}`);
  answer = answering(422, '\0\n');
  expect(await outcome()).toBe('refused: BANK.REFUSED the bank answers 422');
});

describe('a reply', () => {
  it('may have 64 KB', async () => {
    const text = 'x'.repeat(64 * 1024);
    answer = answering(200, text);
    expect(await outcome()).toBe(text);
    answer = answering(200, `${text}x`);
    expect(await outcome()).toBe('retried: the bank answers more than 65536 bytes');
  });

  it('that refuses may be longer: only its beginning is read', async () => {
    answer = answering(422, 'x'.repeat(1_000_000));
    expect(await outcome()).toBe(`refused: BANK.REFUSED ${'x'.repeat(200)}`);
  });

  it('that never comes or never ends times out', async () => {
    answer = () => undefined;
    expect(await outcome({ patienceMilliseconds: 50 })).toContain('timeout');
    answer = (_, reply) => void reply.writeHead(200).write('begun');
    expect(await outcome({ patienceMilliseconds: 50 })).toContain('timeout');
  });

  it('may be lost', async () => {
    answer = (request) => request.socket.destroy();
    expect(await outcome()).toBe('retried: fetch failed');
  });
});
