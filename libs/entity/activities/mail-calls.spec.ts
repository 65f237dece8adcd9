import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import type { JsonObject } from '#libs/core/json.js';
import { EffectRefusedError } from './entity-activities.errors.js';
import { mailCalls } from './mail-calls.js';

/** What the server answers to a recipient and to a message; none: it accepts. */
let answers: { recipient?: number; message?: number };
let received: { readonly to: readonly string[]; readonly raw: string }[];
let server: SMTPServer;

beforeAll(async () => {
  const answered = (code?: number) =>
    code && Object.assign(new Error('says the server'), { responseCode: code });
  server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onRcptTo: (_, __, done) => done(answered(answers.recipient) || undefined),
    onData: (stream, { envelope }, done) => {
      let raw = '';
      stream.setEncoding('utf8');
      stream.on('data', (part: string) => (raw += part));
      stream.on('end', () => {
        received.push({ to: envelope.rcptTo.map(({ address }) => address), raw });
        done(answered(answers.message) || undefined);
      });
    },
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

beforeEach(() => {
  answers = {};
  received = [];
});

const flow = 'cartReminder-default.r1';
const mail = { to: 'alice@example.com', subject: 'Your cart', text: 'is waiting' };

async function send(data: JsonObject = mail, key = 'key-1'): Promise<JsonObject | string> {
  const { port } = server.server.address() as AddressInfo;
  try {
    const call = mailCalls(`smtp://127.0.0.1:${port}`, 'shop@shop.example')['send-mail'];
    return await call(data, key, flow);
  } catch (error) {
    if (!(error instanceof EffectRefusedError)) return 'sent again';
    return `refused: ${error.code} ${error.message}`;
  }
}

it('sends a message with the same id on every attempt', async () => {
  const sent = (await send()) as { messageId: string };
  expect(sent).toEqual({ messageId: expect.stringMatching(/^<[0-9a-f]{64}@shop\.example>$/) });
  expect(await send()).toEqual(sent);
  expect(await send(mail, 'cart-default.a@b@12/mail')).not.toEqual(sent);
  expect(received).toHaveLength(3);
  for (const { to, raw } of received.slice(0, 2)) {
    expect(to).toEqual(['alice@example.com']);
    expect(/^Message-ID:\s+(.+)\r$/m.exec(raw)?.[1]).toBe(sent.messageId);
    expect(raw).toContain('From: shop@shop.example\r\n');
    expect(raw).toContain('Subject: Your cart\r\n');
    expect(raw).toContain('\r\n\r\nis waiting');
  }
});

it('does not let a subject add a header', async () => {
  await send({ ...mail, subject: 'Hello\r\nBcc: mallory@example.com' });
  expect(received).toEqual([{ to: ['alice@example.com'], raw: expect.not.stringMatching(/^Bcc/m) }]);
});

describe('is refused', () => {
  it.each([550, 552])('when the server answers %d, for the recipient or the message', async (code) => {
    answers = { recipient: code };
    expect(await send()).toMatch(/^refused: MAIL.REFUSED .*says the server/);
    answers = { message: code };
    expect(await send()).toMatch(/^refused: MAIL.REFUSED .*says the server/);
  });

  it.each([
    { to: 'a@example.com, b@example.com' },
    { to: 'nobody' },
    { to: 'a@example.com\r\nRCPT TO:<b@example.com>' },
    { subject: '' },
    { text: 5 },
  ])('without asking the server for %j', async (wrong) => {
    expect(await send({ ...mail, ...wrong })).toMatch(/^refused: MAIL.INVALID/);
    expect(received).toEqual([]);
  });
});

describe('is sent again', () => {
  it.each([421, 450, 451, 503])('when the server answers %d', async (code) => {
    answers = { recipient: code };
    expect(await send()).toBe('sent again');
  });

  it('when there is no server', async () => {
    const call = mailCalls('smtp://127.0.0.1:1', 'shop@shop.example')['send-mail'];
    await expect(call(mail, 'key-1', flow)).rejects.toThrow('ECONNREFUSED');
  });
});
