import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { command, eventually, read, request } from '../support/account-rest.js';
import { isFresh, listed } from '../support/listed.js';

const url = (): string => String(process.env['PERDURE_URL']);
const opened = { owner: 'Rest', currency: 'EUR' };
const wait = { prefer: 'wait=20' };

async function openAccount(): Promise<string> {
  const id = `rest-${randomUUID()}`;
  const reply = await command(url(), id, 'open', opened, wait);
  expect(reply.status).toBe(201);
  return id;
}

describe('a command over REST', () => {
  let id: string;
  beforeAll(async () => {
    id = await openAccount();
  });

  it('is answered 202, and its receipt has the outcome', async () => {
    const reply = await command(url(), id, 'deposit', { amount: 5 });
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({ id, status: 'pending' });
    const location = String(reply.headers.get('location'));
    expect(location).toBe(`/v1/accounts/${id}/commands/${String(reply.body['commandId'])}`);
    const receipt = await eventually(
      () => request(`${url()}${location}`),
      ({ body }) => body['status'] === 'accepted',
    );
    expect(receipt.body).toMatchObject({ id, events: ['MoneyDeposited'] });
  });

  it('answers with the outcome when asked to wait', async () => {
    const reply = await command(url(), id, 'deposit', { amount: 7 }, wait);
    const revision = Number(reply.body['revision']);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ id, status: 'accepted', events: ['MoneyDeposited'] });
    expect(reply.headers.get('preference-applied')).toBe('wait=20');
    expect(reply.headers.get('etag')).toBe(`"${revision}"`);
    expect(reply.headers.get('consistency-token')).toBe(`account-default.${id}@${revision}`);
  });

  it('waits no longer than 30 s', async () => {
    const reply = await command(url(), id, 'deposit', { amount: 1 }, { prefer: 'respond-async, wait=900' });
    expect(reply.headers.get('preference-applied')).toBe('wait=30');
  });

  it('answers a rejection with its code and status', async () => {
    const reply = await command(url(), id, 'withdraw', { amount: 1_000_000 }, wait);
    expect(reply.status).toBe(409);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(reply.body).toMatchObject({ status: 409, code: 'ACCOUNT.INSUFFICIENT_FUNDS' });
    expect(reply.body['traceId']).toMatch(/^[0-9a-f]{32}$/);
    expect(reply.body['instance']).toBe(`/v1/accounts/${id}/withdraw`);
  });

  it('rejects on the receipt what was answered 202', async () => {
    const reply = await command(url(), id, 'withdraw', { amount: 1_000_000 });
    const receipt = await eventually(
      () => request(`${url()}${reply.headers.get('location')}`),
      ({ body }) => body['status'] !== 'pending',
    );
    expect(receipt.body).toMatchObject({ status: 'rejected', code: 'ACCOUNT.INSUFFICIENT_FUNDS' });
  });

  it('keeps the trace id of the caller', async () => {
    const traceparent = `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`;
    const reply = await command(url(), id, 'withdraw', { amount: 0 }, { traceparent });
    expect(reply.body['traceId']).toBe('a1'.repeat(16));
  });

  it('ties events to the correlation id', async () => {
    const headers = { ...wait, 'x-correlation-id': 'order-42' };
    const { body } = await command(url(), id, 'deposit', { amount: 1 }, headers);
    const events = await request(`${url()}/v1/accounts/${id}/events?limit=200`);
    const found = (events.body['data'] as { commandId: string }[]).find(
      ({ commandId }) => commandId === body['commandId'],
    );
    expect(found).toMatchObject({ correlationId: 'order-42', causationId: body['commandId'] });
  });
});

describe('an idempotency key', () => {
  it('makes one command of many sends, quoted or bare', async () => {
    const id = await openAccount();
    const key = randomUUID();
    const first = await command(url(), id, 'deposit', { amount: 5 }, { ...wait, 'idempotency-key': key });
    const again = await command(
      url(),
      id,
      'deposit',
      { amount: 5 },
      { ...wait, 'idempotency-key': `"${key}"` },
    );
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    const state = await request(`${url()}/v1/accounts/${id}`);
    expect(state.body).toMatchObject({ balance: 5, revision: 1 });
  });

  it('is refused for another command', async () => {
    const id = await openAccount();
    const headers = { ...wait, 'idempotency-key': randomUUID() };
    await command(url(), id, 'deposit', { amount: 5 }, headers);
    const reply = await command(url(), id, 'deposit', { amount: 6 }, headers);
    expect(reply).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY.KEY_REUSED' } });
  });

  it('gets the first outcome although the revision has moved on', async () => {
    const id = await openAccount();
    const headers = { ...wait, 'idempotency-key': randomUUID(), 'if-match': '"0"' };
    const first = await command(url(), id, 'deposit', { amount: 5 }, headers);
    const again = await command(url(), id, 'deposit', { amount: 5 }, headers);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
  });

  it('makes one account of many posts to the collection', async () => {
    const headers = { 'content-type': 'application/json', ...wait, 'idempotency-key': randomUUID() };
    const post = () =>
      request(`${url()}/v1/accounts`, { method: 'POST', headers, body: JSON.stringify(opened) });
    const [first, again] = [await post(), await post()];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(first.headers.get('location')).toBe(`/v1/accounts/${String(first.body['id'])}`);
    expect(again.body['id']).toBe(first.body['id']);
  });
});

describe('revisions', () => {
  it('reject a command meant for another one with 412', async () => {
    const id = await openAccount();
    const reply = await command(url(), id, 'deposit', { amount: 5 }, { ...wait, 'if-match': '"7"' });
    expect(reply).toMatchObject({ status: 412, body: { code: 'REVISION.MISMATCH', revision: 0 } });
  });

  it('are the ETag of the live state', async () => {
    const id = await openAccount();
    const state = await request(`${url()}/v1/accounts/${id}`);
    expect(state.headers.get('etag')).toBe('"0"');
    expect(state.body).toEqual({
      id,
      status: 'open',
      ...opened,
      balance: 0,
      held: 0,
      available: 0,
      holds: [],
      captured: { count: 0, amount: 0 },
      revision: 0,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const same = await request(`${url()}/v1/accounts/${id}`, { headers: { 'if-none-match': '"0"' } });
    expect(same.status).toBe(304);
  });
});

describe('lists', () => {
  it('show what a command wrote when its token is sent back', async () => {
    const owner = `Owner ${randomUUID()}`;
    const id = `rest-${randomUUID()}`;
    const { headers } = await command(url(), id, 'open', { owner, currency: 'EUR' }, wait);
    const token = { 'consistency-token': String(headers.get('consistency-token')) };
    const page = await eventually(
      () => request(`${url()}/v1/accounts?owner=${encodeURIComponent(owner)}`, { headers: token }),
      isFresh,
    );
    expect(page.body).toMatchObject({ data: [{ id, owner, status: 'open', revision: 0 }] });
  });

  it('show what was seen as live state and in receipts, of several entities at once', async () => {
    const [one, two] = [await openAccount(), await openAccount()];
    const state = await request(`${url()}/v1/accounts/${one}`);
    const { body } = await command(url(), two, 'deposit', { amount: 1 });
    const receipt = await eventually(
      () => request(`${url()}/v1/accounts/${two}/commands/${String(body['commandId'])}`),
      (reply) => reply.body['status'] === 'accepted',
    );
    const tokens = [state, receipt].map(({ headers }) => headers.get('consistency-token'));
    expect(tokens).toEqual([`account-default.${one}@0`, `account-default.${two}@1`]);
    const page = await eventually(
      () => request(`${url()}/v1/accounts`, { headers: { 'consistency-token': tokens.join(', ') } }),
      isFresh,
    );
    expect(page.headers.get('consistency-token')?.split(', ').sort()).toEqual([...tokens].sort());
  });

  it('do not wait for entities that they are not made of', async () => {
    const headers = { 'consistency-token': 'cart-default.c1@99' };
    const page = await request(`${url()}/v1/accounts`, { headers });
    expect(page.status).toBe(200);
    expect(page.headers.get('stale-by')).toBeNull();
    expect(page.headers.get('consistency-token')).toBeNull();
  });

  it('say by how much they lag behind what is requested', async () => {
    const id = await openAccount();
    const headers = { 'consistency-token': `account-default.${id}@9` };
    const page = await request(`${url()}/v1/accounts/${id}/statement`, { headers });
    expect(Number(page.headers.get('stale-by'))).toBeGreaterThanOrEqual(9);
    expect(page.status).toBe(200);
  });

  it('are read page by page', async () => {
    const id = await openAccount();
    for (const amount of [1, 2, 3]) await command(url(), id, 'deposit', { amount }, wait);
    const last = await command(url(), id, 'deposit', { amount: 4 }, wait);
    await listed(`${url()}/v1/accounts/${id}/statement`, last);
    for (const [list, column, expected] of [
      ['events', 'revision', [0, 1, 2, 3, 4]],
      ['statement', 'balance', [1, 3, 6, 10]],
    ] as const) {
      const seen: unknown[] = [];
      let next: string | undefined = '';
      for (let pages = 0; next !== undefined && pages < 9; pages += 1) {
        const cursor: string = next && `&cursor=${next}`;
        const { body } = await read(`${url()}/v1/accounts/${id}/${list}?limit=2${cursor}`);
        seen.push(...(body['data'] as Record<string, unknown>[]).map((row) => row[column]));
        next = body['nextCursor'] as string | undefined;
      }
      expect(seen).toEqual(expected);
    }
  });
});
