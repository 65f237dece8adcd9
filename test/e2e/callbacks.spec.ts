import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { killServer } from '#tools/dev-stack/kill-server.js';
import { eventually, post, read, type Reply, request } from '../support/account-rest.js';
import { url, wait } from '../support/shop.js';
import { sendWebhook as send } from '../support/webhooks.js';

const run = randomUUID().slice(0, 8);

const callback = (key: string): Promise<Reply> => read(url(`/v1/callbacks/card:${key}`));

async function typesOf(key: string): Promise<readonly string[]> {
  const { body } = await read(url(`/v1/callbacks/card:${key}/events`));
  return ((body['data'] ?? []) as { type: string }[]).map(({ type }) => type);
}

/** The row of a message, once the list shows it with this status. */
async function listed(key: string, status: string): Promise<unknown> {
  const find = async () => {
    for (let more = ''; ;) {
      const { body } = await request(url(`/v1/callbacks?status=${status}&provider=card&limit=200${more}`));
      const rows = (body['data'] ?? []) as readonly { readonly id: string }[];
      const row = rows.find(({ id }) => id === `card:${key}`);
      const { nextCursor } = body as { readonly nextCursor?: string };
      if (row || nextCursor === undefined) return row;
      more = `&cursor=${nextCursor}`;
    }
  };
  return eventually(find, (row) => row !== undefined);
}

describe('a webhook', () => {
  it('is stored once, is listed as unclaimed, and is discarded with a reason', async () => {
    const [key, id] = [`${run}-unclaimed`, randomUUID()];
    expect(await send({ key, id })).toMatchObject({ status: 200, body: { status: 'accepted' } });
    const again = await send({ key, id, age: 60 });
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await typesOf(key)).toEqual(['CallbackReceived']);
    expect(await listed(key, 'unclaimed')).toMatchObject({ n: 1, webhookId: id, tenant: 'default' });
    expect((await callback(key)).body).toMatchObject({ messages: [{ n: 1, payload: { id: key } }] });
    const decide = (verb: string) =>
      post(url(`/v1/callbacks/card:${key}/${verb}`), { n: 1, reason: 'a test' }, wait);
    expect(await decide('redeliver')).toMatchObject({ body: { code: 'CALLBACK.NOBODY_WAITS' } });
    expect(await decide('discard')).toMatchObject({ status: 200 });
    expect(await listed(key, 'discarded')).toMatchObject({ n: 1 });
    const { body } = await read(url(`/v1/callbacks/card:${key}/events`));
    expect((body['data'] as object[]).at(-1)).toMatchObject({
      type: 'CallbackDiscarded',
      data: { reason: 'a test' },
      actor: expect.any(String),
    });
  });

  it('without a key is kept by itself', async () => {
    const id = randomUUID();
    expect(await send({ id, body: { state: 'odd' } })).toMatchObject({
      status: 200,
      body: { id: `card:unmatched-${id}` },
    });
  });

  it.each([
    ['tampered', { tampered: '{"id":"other"}' }, 401, 'WEBHOOK.INVALID_SIGNATURE'],
    ['too old', { age: 400 }, 400, 'WEBHOOK.TOO_OLD'],
    ['too large', { body: { text: 'x'.repeat(61_440) } }, 413, 'WEBHOOK.TOO_LARGE'],
  ] as const)('that is %s is refused, and nothing is stored', async (_, sent, status, code) => {
    const key = randomUUID();
    expect(await send({ key, ...sent })).toMatchObject({ status, body: { code } });
    expect(await callback(key)).toMatchObject({ status: 404 });
  });

  it('of nobody is refused', async () => {
    const reply = await post(url('/v1/callbacks/nobody'), {});
    expect(reply).toMatchObject({ status: 404, body: { code: 'WEBHOOK.UNKNOWN_PROVIDER' } });
  });

  it('is not acknowledged while the store is frozen, and is stored once after that', async () => {
    const [key, id] = [`${run}-frozen`, randomUUID()];
    killServer('event-store', 'SIGSTOP');
    try {
      const reply = await send({ key, id });
      expect(reply).toMatchObject({ status: 503 });
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      killServer('event-store', 'SIGCONT');
    }
    await eventually(
      () => send({ key, id }),
      ({ status }) => status === 200,
    );
    expect(await typesOf(key)).toEqual(['CallbackReceived']);
    await eventually(
      () => request(url('/health/ready')),
      ({ status }) => status === 200,
    );
  });
});

describe('a card payment', () => {
  // Without webhooks, all of them would wait for an hour.
  it.each([
    ['reported after it waits', 'tok_late_1500'],
    ['reported before it waits', 'tok_early_1500'],
    ['reported with a wrong signature first', 'tok_forged_300'],
    ['reported with an old time first', 'tok_stale_300'],
    ['reported in the wrong order', 'tok_reordered_300'],
  ])('%s succeeds without being asked for', async (_, card) => {
    const id = randomUUID();
    const payment = { reference: id, amount: 1_250, currency: 'EUR', card, settleAfter: '1h' };
    const started = await post(url(`/v1/flows/card-payment/${id}/start`), payment, wait);
    expect(started).toMatchObject({ status: 201 });
    const { body } = await eventually(
      () => read(url(`/v1/flows/card-payment/${id}`)),
      ({ body: state }) => state['endedAt'] !== undefined,
    );
    expect(body).toMatchObject({ status: 'completed', result: { state: 'succeeded' } });
    const { charge } = body['result'] as { readonly charge: string };
    // The flow may stop waiting before the callback knows that its message was taken.
    const types = await eventually(
      () => typesOf(charge),
      (found) => found.includes('CallbackWaitStopped') && found.includes('CallbackClaimed'),
    );
    expect(types).toEqual(expect.arrayContaining(['CallbackReceived', 'CallbackAwaited']));
  });
});
