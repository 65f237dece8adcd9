import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createTransport } from 'nodemailer';
import { pino } from 'pino';
import type { SMTPServer } from 'smtp-server';
import { MailStore } from './mail-store.js';
import { createMailViewer } from './mail-viewer.js';
import { createSmtpSandbox } from './smtp-sandbox.js';

let folder: string;
let file: string;
let smtp: SMTPServer;
let viewer: FastifyInstance;
let url: string;
let port: number;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mail-sandbox-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  file = join(folder, `${randomUUID()}.jsonl`);
  await open();
});
afterEach(close);

async function open(): Promise<void> {
  const logger = pino({ level: 'silent' });
  const store = new MailStore(file);
  smtp = createSmtpSandbox(store, logger);
  await once(smtp.listen(0, '127.0.0.1'), 'listening');
  ({ port } = smtp.server.address() as AddressInfo);
  viewer = createMailViewer(store, logger);
  url = await viewer.listen({ port: 0, host: '127.0.0.1' });
}

async function close(): Promise<void> {
  await viewer.close();
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
}

const from = 'shop@example.com';

async function mail(to: string, more: object = {}): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port });
  try {
    const message = { from, to, subject: 'Your cart', text: 'Grüße', messageId: '<one@example.com>' };
    return (await transport.sendMail({ ...message, ...more })).response;
  } catch (error) {
    return String((error as { responseCode?: number }).responseCode ?? 'no answer');
  }
}

async function messages(query = ''): Promise<readonly object[]> {
  const reply = await fetch(`${url}/messages${query}`);
  return ((await reply.json()) as { messages: object[] }).messages;
}

it('shows what was sent', async () => {
  expect(await mail('alice@example.com')).toMatch(/^250/);
  await mail('bob@example.com', { subject: '<Grüße>', text: 'a\nb' });
  expect(await messages()).toHaveLength(2);
  expect(await messages('?to=bob@example.com')).toEqual([
    {
      messageId: '<one@example.com>',
      from,
      to: 'bob@example.com',
      subject: '<Grüße>',
      text: 'a\nb',
      receivedAt: expect.any(String),
      repeats: 0,
    },
  ]);
});

it('has a page that shows text as text', async () => {
  await mail('alice@example.com', { subject: '<script>', text: 'a & b' });
  const page = await (await fetch(url)).text();
  expect(page).toContain('<h2>&#60;script&#62;</h2>');
  expect(page).toContain('<pre>a &#38; b</pre>');
});

it('drops a message that the recipient already has', async () => {
  await mail('alice@example.com');
  expect(await mail('alice@example.com', { text: 'again' })).toMatch(/^250/);
  expect(await messages()).toEqual([expect.objectContaining({ text: 'Grüße', repeats: 1 })]);
});

describe('a recipient', () => {
  it('may be refused', async () => {
    expect(await mail('refused@example.com')).toBe('550');
    expect(await messages()).toEqual([]);
  });

  it('may be greylisted', async () => {
    expect(await mail('greylisted@example.com')).toBe('451');
    expect(await mail('greylisted@example.com')).toMatch(/^250/);
    expect(await messages()).toHaveLength(1);
  });

  it('may get the message while the sender gets no answer', async () => {
    expect(await mail('lost@example.com')).toBe('no answer');
    expect(await mail('lost@example.com')).toMatch(/^250/);
    expect(await messages()).toEqual([expect.objectContaining({ repeats: 1 })]);
  });
});

it('refuses a message that is too long', async () => {
  expect(await mail('alice@example.com', { text: 'x'.repeat(1024 * 1024) })).toBe('552');
  expect(await messages()).toEqual([]);
});

it('has the same messages after a restart', async () => {
  await mail('alice@example.com');
  await mail('alice@example.com');
  const before = await messages();
  await close();
  await open();
  expect(await messages()).toEqual(before);
  await mail('alice@example.com');
  expect(await messages()).toEqual([expect.objectContaining({ repeats: 2 })]);
});
