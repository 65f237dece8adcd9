import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, post, type Reply, request } from '../support/account-rest.js';
import { bearerOf } from '../support/tokens.js';

const url = String(process.env['PERDURE_URL']);
const run = randomUUID().slice(0, 8);
const content = { order: run, amount: 125_000 };

type Headers = Readonly<Record<string, string>>;
const as: Record<string, Headers> = {};

beforeAll(async () => {
  for (const user of ['alice', 'tom']) as[user] = { ...(await bearerOf(user)), prefer: 'wait=20' };
});

const read = (id: string) => request(`${url}/v1/approvals/${id}`, { headers: as['alice'] ?? {} });
const send = (user: string, id: string, command: string, body: object): Promise<Reply> =>
  post(`${url}/v1/approvals/${id}/${command}`, body, as[user]);

async function requested(id: string, more: object = {}): Promise<void> {
  const deadline = new Date(Date.now() + 3_600_000).toISOString();
  const body = { subject: `Order ${id}`, content, candidates: ['user:tom', 'user:sue'], deadline, ...more };
  expect(await send('alice', id, 'request', body)).toMatchObject({ status: 201 });
}

interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly repeats: number;
}

async function mailsTo(person: string, id: string): Promise<readonly Mail[]> {
  const reply = await fetch(`${process.env['MAIL_SANDBOX_URL']}/messages?to=${person}@example.com`);
  const { messages } = (await reply.json()) as { messages: readonly Mail[] };
  return messages.filter(({ subject }) => subject === `Approval: Order ${id}`);
}

/** The links of the mail that a person has got. */
async function linksTo(person: string, id: string) {
  const mails = await eventually(
    () => mailsTo(person, id),
    ({ length }) => length > 0,
  );
  const [approve, reject] = [...(mails[0]?.text.matchAll(/^http\S+#\S+$/gm) ?? [])].map(([link]) => link);
  return { approve: new URL(String(approve)), reject: new URL(String(reject)) };
}

const tokenIn = ({ hash }: URL): string => hash.slice(1);

/** Follows a link as a program does. */
const follow = (token: string): Promise<Reply> => post(`${url}/v1/approval-links`, { token });

/** Confirms the page of a link as a browser does. */
const confirm = (token: string) =>
  fetch(`${url}/v1/approval-links`, { method: 'POST', body: new URLSearchParams({ token }) });

describe('a link in a mail', () => {
  it('leads to a page that changes nothing, and decides once it is confirmed', async () => {
    const id = `${run}-page`;
    await requested(id);
    const { approve } = await linksTo('tom', id);
    expect(approve.origin).toBe(new URL(url).origin);
    const page = await fetch(approve);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none';script-src 'self'");
    const html = await page.text();
    for (const file of ['page.js', 'page.css']) {
      expect(html).toContain(`/v1/approval-links/${file}`);
      expect((await fetch(`${url}/v1/approval-links/${file}`)).status).toBe(200);
    }
    expect(html).not.toMatch(/<script>|style=| on\w+=/);
    expect((await read(id)).body).toMatchObject({ status: 'open' });

    const decided = await confirm(tokenIn(approve));
    expect([decided.status, decided.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await decided.text()).toContain('Your decision was made.');
    expect((await read(id)).body).toMatchObject({ status: 'approved', approvals: [{ by: 'tom' }] });
    const trail = await request(`${url}/v1/approvals/${id}/events`, { headers: as['alice'] ?? {} });
    expect((trail.body['data'] as readonly object[])[1]).toMatchObject({
      type: 'ApprovalGiven',
      actor: 'tom',
      correlationId: expect.stringMatching(/^link:/),
    });
  });

  it('gets its first outcome again, and then the other link of the mail is refused', async () => {
    const id = `${run}-twice`;
    await requested(id, { needed: 2 });
    const { approve, reject } = await linksTo('tom', id);
    const first = await follow(tokenIn(approve));
    expect(first).toMatchObject({ status: 200, body: { status: 'accepted', events: ['ApprovalGiven'] } });
    const again = await follow(tokenIn(approve));
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await follow(tokenIn(reject))).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY.KEY_REUSED' },
    });
    expect((await read(id)).body).toMatchObject({ status: 'open', approvals: [{ by: 'tom' }] });
    const { reject: ofSue } = await linksTo('sue', id);
    expect(await follow(tokenIn(ofSue))).toMatchObject({ status: 200 });
    expect((await read(id)).body).toMatchObject({ status: 'refused', refusedBy: 'sue' });
  });

  it('is refused if it was changed, or if its person has delegated', async () => {
    const id = `${run}-refused`;
    await requested(id);
    const { approve } = await linksTo('tom', id);
    const [payload = '', signature] = tokenIn(approve).split('.');
    const text = Buffer.from(payload, 'base64url').toString().replace('"tom"', '"bob"');
    const forged = `${Buffer.from(text).toString('base64url')}.${signature}`;
    expect(await follow(forged)).toMatchObject({ status: 403, body: { code: 'APPROVAL_LINK.INVALID' } });
    const told = await confirm(forged);
    expect([told.status, await told.text()]).toEqual([403, expect.stringContaining('APPROVAL_LINK.INVALID')]);
    await send('tom', id, 'delegate', { to: 'user:bob' });
    expect(await follow(tokenIn(approve))).toMatchObject({
      status: 409,
      body: { code: 'APPROVAL.NOT_CANDIDATE' },
    });
    expect(tokenIn((await linksTo('bob', id)).approve)).not.toBe(tokenIn(approve));
    expect((await read(id)).body).toMatchObject({ status: 'open' });
  });

  it('goes to people of the address book only, once each, and a form reaches no other route', async () => {
    const id = `${run}-people`;
    await requested(id, { candidates: ['user:tom', 'user:nobody', 'user:alice', 'role:supervisor'] });
    await linksTo('tom', id);
    const form = new URLSearchParams({ contentHash: 'x' });
    const headers = { ...as['tom'] };
    const reply = await fetch(`${url}/v1/approvals/${id}/approve`, { method: 'POST', headers, body: form });
    expect(reply.status).toBe(415);
    expect(await mailsTo('tom', id)).toMatchObject([{ repeats: 0 }]);
    for (const other of ['alice', 'sue']) expect(await mailsTo(other, id)).toEqual([]);
  });
});
