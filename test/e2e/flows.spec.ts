import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { testHome } from '#tools/dev-stack/kill-server.js';
import { eventually, post, read, type Reply, request } from '../support/account-rest.js';

const run = promisify(execFile);
const url = (path: string): string => `${process.env['PERDURE_URL']}${path}`;
const wait = { prefer: 'wait=20' };

const [, table = ''] = readFileSync('README.md', 'utf8').split('## Flows');
/** The flows in the table of the README. */
const inReadme = [...table.matchAll(/^\| `([a-z-]+)` /gm)].map(([, type = '']) => type);
/** Those that a command there starts: type, id and command, with an id of its own. */
const startedThere = [...table.matchAll(/`(curl [^`]*\/v1\/flows\/([^/`]+)\/(\w+)\/start[^`]*)`/g)].map(
  ([, command = '', type = '', id = '']) => ({ type, id, command }),
);

const flow = (type: string, id: string): Promise<Reply> => read(url(`/v1/flows/${type}/${id}`));

async function ended(type: string, id: string): Promise<Record<string, unknown>> {
  const { body } = await eventually(
    () => flow(type, id),
    ({ body: state }) => state['endedAt'] !== undefined,
    60_000,
  );
  return body;
}

const payment = (more: object = {}) => ({
  reference: randomUUID(),
  amount: 1_250,
  currency: 'EUR',
  card: 'tok_visa',
  settleAfter: '1s',
  ...more,
});

async function paid(id: string, more: object = {}): Promise<string> {
  const input = payment(more);
  const reply = await post(url(`/v1/flows/card-payment/${id}/start`), input, wait);
  expect(reply).toMatchObject({ status: 201, body: { events: ['FlowStarted'] } });
  return input.reference;
}

/** What the provider knows of an order. */
async function atProvider(reference: string) {
  return (await read(`${process.env['CARD_PROVIDER_URL']}/payments?reference=${reference}`)).body;
}

describe('the flows of the README', () => {
  it('are all flows that the services host', async () => {
    const { body } = await read(url('/openapi.json'));
    const types = Object.keys(body['paths'] as object).flatMap(
      (path) => /^\/v1\/flows\/([^/]+)\/\{id\}\/start$/.exec(path)?.[1] ?? [],
    );
    expect(inReadme.toSorted()).toEqual(types.toSorted());
  });

  it.each(startedThere)('$type runs by its curl', async ({ type, id, command }) => {
    const own = `${id}-${randomUUID()}`;
    const script = command
      .replace('http://127.0.0.1:3000', url(''))
      .replace('.perdure', String(process.env[testHome]))
      .replace(`/${id}/`, `/${own}/`)
      .replace('"10s"', '"1s"');
    const { stdout } = await run('bash', ['-c', script]);
    expect(JSON.parse(stdout)).toMatchObject({ id: own, status: 'accepted' });
    expect(await ended(type, own)).toMatchObject({ status: 'completed' });
  });
});

describe('a card payment', () => {
  it('charges once, whatever happens to the reply', async () => {
    const id = randomUUID();
    const reference = await paid(id, { card: 'tok_lost_reply' });
    expect(await ended('card-payment', id)).toMatchObject({ result: { state: 'succeeded' } });
    expect(await atProvider(reference)).toMatchObject({ count: 1, charged: { EUR: 1_250 } });
  });

  it('that fails later is refunded', async () => {
    const id = randomUUID();
    const reference = await paid(id, { card: 'tok_fails_later_1' });
    expect(await ended('card-payment', id)).toMatchObject({ result: { state: 'refunded' } });
    expect(await atProvider(reference)).toMatchObject({ payments: [{ state: 'refunded' }] });
  });

  it('that is declined fails with the code of the provider', async () => {
    const id = randomUUID();
    await paid(id, { card: 'tok_declined' });
    expect(await ended('card-payment', id)).toMatchObject({
      status: 'failed',
      failure: { code: 'CARD.DECLINED' },
    });
  });

  it('that is cancelled while it waits is refunded', async () => {
    const id = randomUUID();
    const reference = await paid(id, { settleAfter: '1h' });
    const { body } = await eventually(
      () => flow('card-payment', id),
      ({ body: state }) => (state['waits'] as readonly object[]).length > 0,
    );
    expect(body['waits']).toMatchObject([{ kind: 'sleep', name: 'settle' }]);
    await post(url(`/v1/flows/card-payment/${id}/cancel`), { reason: 'a mistake' }, wait);
    expect(await ended('card-payment', id)).toMatchObject({ status: 'cancelled', cancelReason: 'a mistake' });
    expect(await atProvider(reference)).toMatchObject({ payments: [{ state: 'refunded' }] });
  });

  it('is created under an id made from the key, and only once', async () => {
    const key = { 'idempotency-key': randomUUID(), ...wait };
    const input = payment();
    const replies = [
      await post(url('/v1/flows/card-payment'), input, key),
      await post(url('/v1/flows/card-payment'), input, key),
    ];
    expect(replies[1]?.body['id']).toBe(replies[0]?.body['id']);
    await ended('card-payment', String(replies[0]?.body['id']));
    expect(await atProvider(input.reference)).toMatchObject({ count: 1 });
  });

  it('is listed with the others, by type and status', async () => {
    const id = randomUUID();
    await paid(id);
    await ended('card-payment', id);
    for (const path of [
      '/v1/flows/card-payment?status=completed',
      '/v1/flows?type=cardPayment&status=completed',
    ]) {
      await eventually(
        () => request(url(`${path}&limit=200`)),
        ({ body }) => ((body['data'] ?? []) as readonly { id: string }[]).some((row) => row.id === id),
      );
    }
  });
});

describe('a message', () => {
  const changed = (id: string) => post(url(`/v1/flows/cart-reminder/${id}/cart-changed`), {}, wait);

  it('to a flow that never began, or has ended, is answered', async () => {
    expect(await changed(randomUUID())).toMatchObject({ status: 404, body: { code: 'FLOW.NOT_STARTED' } });
    const id = randomUUID();
    const input = { cart: randomUUID(), to: 'someone@shop.example', after: '1s' };
    await post(url(`/v1/flows/cart-reminder/${id}/start`), input, wait);
    expect(await ended('cart-reminder', id)).toMatchObject({ result: { status: 'not-needed' } });
    expect(await changed(id)).toMatchObject({ status: 409, body: { code: 'FLOW.ENDED' } });
  });

  it('that the flow does not know has no address', async () => {
    const reply = await post(url('/v1/flows/cart-reminder/x/shout'), {}, wait);
    expect(reply).toMatchObject({ status: 404, body: { code: 'ROUTE.NOT_FOUND' } });
  });
});

it('a cart that was left alone leads to one mail', async () => {
  const cart = randomUUID();
  const item = { sku: 'cd', quantity: 2, unitPrice: 1_499, currency: 'EUR' };
  await post(url(`/v1/carts/${cart}/create`), { customerId: 'alice' }, wait);
  await post(url(`/v1/carts/${cart}/add-item`), item, wait);
  const to = `${cart}@shop.example`;
  await post(url(`/v1/flows/cart-reminder/${cart}/start`), { cart, to, after: '1s' }, wait);
  expect(await ended('cart-reminder', cart)).toMatchObject({ result: { status: 'sent' } });
  const { body } = await read(`${process.env['MAIL_SANDBOX_URL']}/messages?to=${to}`);
  expect(body).toMatchObject({ count: 1 });
});
