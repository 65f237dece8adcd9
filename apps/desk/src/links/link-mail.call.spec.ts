import { describe, expect, it } from '@jest/globals';
import { content, contentHash } from '../domain/approval.fixture.js';
import { linkMailCall } from './link-mail.call.js';
import { LinkTokens } from './link-tokens.js';

const HOUR_SECONDS = 3_600;
const deadline = '2100-01-01T00:00:00.000Z';
const tokens = new LinkTokens(['s'.repeat(32)]);
const flow = 'approvalMail-acme.m-1';

async function mailed(more: object = {}, key = 'key-1') {
  const mails: { readonly to: string; readonly subject: string; readonly text: string }[] = [];
  const call = linkMailCall({
    tokens,
    addressOf: async (tenant, person) => (tenant === 'acme' ? `${person}@acme.example` : undefined),
    send: async (mail) => {
      mails.push(mail as never);
      return {};
    },
    url: 'https://bank.example/',
    validSeconds: HOUR_SECONDS,
  });
  const data = {
    ...{ approval: 'a-1', person: 'user:tom', subject: 'Order o-7', content, contentHash },
    ...{ requester: 'alice', deadline, ...more },
  };
  await call(data, key, flow);
  const [mail] = mails;
  const found = [...(mail?.text.matchAll(/^(https:.*)#(.+)$/gm) ?? [])];
  return { ...mail, links: found.map(([, page, token = '']) => ({ page, token })) };
}

const read = ({ token }: { token: string }) => tokens.read(token, Date.now());

describe('a mail that asks for an approval', () => {
  it('tells what is asked, and has a link for each choice', async () => {
    const { to, subject, text, links } = await mailed({ text: 'the usual customer' });
    expect({ to, subject }).toEqual({ to: 'tom@acme.example', subject: 'Approval: Order o-7' });
    for (const part of ['alice', 'the usual customer', '125000', contentHash, deadline]) {
      expect(text).toContain(part);
    }
    expect(links.map(({ page }) => page)).toEqual(Array(2).fill('https://bank.example/v1/approval-links'));
    expect(links.map(read)).toMatchObject([
      { stream: 'approval-acme.a-1', person: 'tom', choice: 'approve', contentHash },
      { stream: 'approval-acme.a-1', person: 'tom', choice: 'reject', contentHash },
    ]);
  });

  it('has one nonce, the same whenever it is sent again, and another in another mail', async () => {
    const nonces = async (key: string) =>
      (await mailed({}, key)).links.map((link) => (read(link) as { nonce: string }).nonce);
    const first = await nonces('key-1');
    expect(new Set(first).size).toBe(1);
    expect(await nonces('key-1')).toEqual(first);
    expect(await nonces('key-2')).not.toEqual(first);
  });

  it('has links that end after a time, and never after the deadline', async () => {
    const now = Date.now() / 1_000;
    const expiry = async (more: object) =>
      (tokens.read((await mailed(more)).links[0]?.token ?? '', 0) as { expiresAt: number }).expiresAt;
    expect(await expiry({})).toBeGreaterThan(now + HOUR_SECONDS - 60);
    expect(await expiry({})).toBeLessThan(now + HOUR_SECONDS + 60);
    const soon = new Date(Math.floor(now) * 1_000 + 60_000).toISOString();
    expect(await expiry({ deadline: soon })).toBe(Math.floor(now) + 60);
  });
});

it('is not sent to somebody without an address', async () => {
  const call = linkMailCall({
    tokens,
    addressOf: async () => undefined,
    send: () => Promise.reject(new Error('it was sent')),
    url: 'https://bank.example',
    validSeconds: 1,
  });
  const data = { approval: 'a-1', person: 'user:tom', subject: 'x', content, contentHash, requester: 'a' };
  await expect(call({ ...data, deadline }, 'key-1', flow)).rejects.toMatchObject({ code: 'MAIL.NO_ADDRESS' });
});
