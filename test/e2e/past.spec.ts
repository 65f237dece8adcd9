import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { command, eventually, insist, insistOn, post, read, type Reply } from '../support/account-rest.js';

const url = (path = ''): string => `${process.env['PERDURE_URL']}${path}`;
const wait = { prefer: 'wait=20' };

interface Change {
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

interface Explained {
  readonly path: string;
  readonly revision: number;
  readonly event: string;
}

const id = `past-${randomUUID()}`;
const account = `/v1/accounts/${id}`;
let deposit: Reply;
beforeAll(async () => {
  await insist(url(), id, 'open', 'open', { owner: 'Past', currency: 'EUR' }, wait);
  deposit = await insist(url(), id, 'deposit', 'deposit', { amount: 500 }, wait);
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await insist(url(), id, 'place-hold', 'hold', { holdId: 'h-1', amount: 200, expiresAt }, wait);
  await insist(url(), id, 'withdraw', 'withdraw', { amount: 100 }, wait);
});

/** The state after each event, as asked for by its revision and by its time. */
async function statesOf(path: string) {
  const { body } = await read(url(`${path}/events?limit=200`));
  const events = body['data'] as { revision: number; at: string; hash: string }[];
  const states = [];
  for (const { revision, at, hash } of events) {
    const of = await read(url(`${path}?revision=${revision}`));
    expect(of).toMatchObject({ status: 200, body: { revision, hash } });
    expect(of.headers.get('etag')).toBe(`"${revision}"`);
    const then = await read(url(`${path}?at=${at}`));
    expect(then.body['revision']).toBeGreaterThanOrEqual(revision);
    states.push(of.body);
  }
  return states;
}

describe('the past of an account', () => {
  it('is its state after each event, and in the end the live one', async () => {
    const states = await statesOf(account);
    expect(states.map(({ balance, available }) => [balance, available])).toEqual([
      [0, 0],
      [500, 500],
      [500, 300],
      [400, 200],
    ]);
    expect(states.at(-1)).toEqual((await read(url(account))).body);
  });

  it('is not told beyond the last event, before the first, or of an account that never was', async () => {
    const both = await read(url(`${account}?revision=1&at=2999-01-01T00:00:00Z`));
    expect(both).toMatchObject({ status: 200, body: { revision: 1 } });
    const missing = { status: 404, body: { code: 'ENTITY.REVISION_NOT_FOUND' } };
    expect(await read(url(`${account}?revision=4`))).toMatchObject(missing);
    expect(await read(url(`${account}?at=2001-01-01T00:00:00Z`))).toMatchObject(missing);
    const never = { status: 404, body: { code: 'ENTITY.NOT_FOUND' } };
    expect(await read(url(`/v1/accounts/never-${id}?revision=0`))).toMatchObject(never);
    for (const query of ['revision=-1', 'at=noon', 'revision=1&x=1']) {
      const refused = { status: 400, body: { code: 'REQUEST.INVALID_QUERY' } };
      expect([query, await read(url(`${account}?${query}`))]).toMatchObject([query, refused]);
    }
  });

  it('differs between revisions, forwards and backwards', async () => {
    const { body } = await read(url(`${account}/diff?from=1&to=2`));
    const changes = body['changes'] as Change[];
    expect(changes).toEqual(
      expect.arrayContaining([
        { path: '/held', from: 0, to: 200 },
        { path: '/available', from: 500, to: 300 },
      ]),
    );
    const { body: back } = await read(url(`${account}/diff?from=2&to=1`));
    expect(back['changes']).toEqual(changes.map(({ path, ...rest }) => ({ path, ...swapped(rest) })));
    expect(await read(url(`${account}/diff?from=0&to=9`))).toMatchObject({ status: 404 });
  });

  it('says why each value is as it is', async () => {
    const { body } = await read(url(`${account}/why`));
    const fields = body['fields'] as Explained[];
    const why = (path: string) => fields.find((field) => field.path === path);
    expect(why('/balance')).toMatchObject({
      value: 400,
      revision: 3,
      event: 'MoneyWithdrawn',
      actor: 'test',
    });
    expect(why('/held')).toMatchObject({ value: 200, revision: 2, event: 'HoldPlaced' });
    expect(why('/owner')).toMatchObject({ value: 'Past', revision: 0, event: 'AccountOpened' });
    const { body: earlier } = await read(url(`${account}/why?revision=1&path=/balance`));
    const { commandId } = deposit.body;
    expect(earlier).toMatchObject({ revision: 1, fields: [{ path: '/balance', value: 500, commandId }] });
    expect(earlier['fields']).toHaveLength(1);
  });
});

function swapped({ from, to }: Omit<Change, 'path'>): Omit<Change, 'path'> {
  return { ...(to !== undefined && { from: to }), ...(from !== undefined && { to: from }) };
}

it('a dry run foretells what a command does, and does nothing', async () => {
  const before = await read(url(account));
  const { body } = await post(url(`${account}/withdraw/dry-run`), { amount: 200 });
  expect(body).toMatchObject({
    outcome: 'accepted',
    revision: Number(before.body['revision']) + 1,
    events: [{ type: 'MoneyWithdrawn', data: { amount: 200 } }],
    changes: expect.arrayContaining([{ path: '/available', from: 200, to: 0 }]),
  });
  const refused = await post(url(`${account}/withdraw/dry-run`), { amount: 201 });
  expect(refused).toMatchObject({
    status: 200,
    body: { outcome: 'rejected', code: 'ACCOUNT.INSUFFICIENT_FUNDS' },
  });
  expect((await read(url(account))).body).toEqual(before.body);
});

it('the dry run of a command that is completed takes what the price list says', async () => {
  const price = { unitPrice: 799, currency: 'EUR' };
  await insistOn(url(`/v1/prices/${id}/set-price`), 'price', price, wait);
  await insistOn(url(`/v1/carts/${id}/create`), 'create', { customerId: 'c' }, wait);
  const { body } = await post(url(`/v1/carts/${id}/add-item/dry-run`), { sku: id, quantity: 2 });
  expect(body).toMatchObject({ outcome: 'accepted', events: [{ data: { sku: id, unitPrice: 799 } }] });
});

interface Told {
  readonly lane: string;
  readonly title: string;
  readonly at: string;
  readonly isFuture?: true;
}

it('the timeline of an account joins its requests, events, runs, topic, views and timers', async () => {
  const { body } = await eventually(
    () => read(url(`/v1/timeline/account/${id}`)),
    ({ body: told }) => lanes(told, 'topic').length > 0 && lanes(told, 'workflow').length > 0,
  );
  expect(body).toMatchObject({ category: 'account', id, state: 'open', missing: [] });
  const titles = (lane: string) => lanes(body, lane).map(({ title }) => title);
  expect(titles('event')).toEqual(['AccountOpened', 'MoneyDeposited', 'HoldPlaced', 'MoneyWithdrawn']);
  expect(titles('request')).toHaveLength(4);
  expect(titles('workflow')).toContain('Workflow running');
  expect(titles('view')).toEqual(expect.arrayContaining(['accounts', 'statement']));
  expect(lanes(body, 'timer')).toMatchObject([{ title: 'ExpireHold', isFuture: true }]);
});

function lanes(body: Record<string, unknown>, lane: string): readonly Told[] {
  return ((body['items'] ?? []) as Told[]).filter((item) => item.lane === lane);
}

it('sagas and flows have a past, too', async () => {
  const [from, to] = [`${id}-from`, `${id}-to`];
  for (const one of [from, to]) await command(url(), one, 'open', { owner: 'Past', currency: 'EUR' }, wait);
  const key = { amount: 1, currency: 'EUR' };
  await insistOn(url(`/v1/transfers/${id}/start`), 'start', { from, to, ...key }, wait);
  const payment = { reference: id, amount: 1, currency: 'EUR', card: 'tok_visa', settleAfter: '1h' };
  await post(url(`/v1/flows/card-payment/${id}/start`), payment, wait);
  const saga = `/v1/transfers/${id}`;
  await eventually(
    () => read(url(saga)),
    ({ body }) => body['endedAt'] !== undefined,
  );
  const { body: told } = await read(url(`/v1/timeline/transfer/${id}`));
  expect(lanes(told, 'saga').map(({ title }) => title)).toContain(`PlaceHold for account ${from}`);
  const { body: waiting } = await read(url(`/v1/timeline/cardPayment/${id}`));
  expect(waiting).toMatchObject({ state: 'running' });
  for (const path of [saga, `/v1/flows/card-payment/${id}`]) {
    const states = await statesOf(path);
    expect(states[0]).toMatchObject({ status: 'running', revision: 0 });
    const { body } = await read(url(`${path}/why?revision=0`));
    expect(body['fields']).toContainEqual(
      expect.objectContaining({ path: '/status', value: 'running', revision: 0 }),
    );
  }
});
