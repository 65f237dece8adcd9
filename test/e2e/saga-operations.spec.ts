import { describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { eventually, post, read, type Reply, request } from '../support/account-rest.js';
import { admit, checkOut, done, ended, fulfilling, sagaOf, shop, url, wait } from '../support/shop.js';
import { sendAs } from '../support/send-as.js';

interface Row {
  readonly id: string;
  readonly stuckSteps: readonly string[];
  readonly stuckSince?: string;
}

async function listed(query: string): Promise<readonly Row[]> {
  const { body } = await request(url(`/v1/checkouts?limit=200&${query}`));
  return (body['data'] ?? []) as readonly Row[];
}

interface InboxItem {
  readonly type: string;
  readonly id: string;
  readonly waiting: readonly { readonly since?: string }[];
  readonly actions: readonly { readonly name: string; readonly href: string; readonly body: object }[];
}

/** What the inbox says of a checkout that waits for an operator. */
async function inInbox(id: string): Promise<InboxItem | undefined> {
  const { body } = await request(url('/v1/inbox?kind=saga&limit=200'));
  return (body['data'] as readonly InboxItem[]).find((item) => item.type === 'checkout' && item.id === id);
}

function stepIn(saga: Reply['body'], name: string): Record<string, unknown> | undefined {
  return (saga['steps'] as Record<string, unknown>[] | undefined)?.find((step) => step['name'] === name);
}

/** Does what an item of the inbox offers. */
function act(item: InboxItem | undefined, name: string, more: object = {}): Promise<Reply> {
  const action = item?.actions.find((one) => one.name === name);
  return post(url(String(action?.href)), { ...action?.body, ...more }, wait);
}

describe('a saga whose workflow was terminated', () => {
  it('is found, and resumes from its stream', async () => {
    const bought = await shop({ customer: 'held' });
    await checkOut(bought);
    await fulfilling(bought);
    const connection = await Connection.connect({ address: String(process.env['TEMPORAL_ADDRESS']) });
    const stream = `checkout-default.${bought.cart}:checkout-1`;
    await new Client({ connection }).workflow.getHandle(stream).terminate('a test');
    await connection.close();
    await admit(bought);
    const { body } = await ended(bought);
    expect(body).toMatchObject({ status: 'completed' });
    const account = await read(url(`/v1/accounts/${bought.account}`));
    expect(account.body).toMatchObject({ balance: 10_000 - 5 * 250, held: 0 });
  });
});

describe('a step that only an operator can resolve', () => {
  it('is listed, tried again, and resolved with a note', async () => {
    const stuck = await shop({ customer: 'held' });
    await checkOut(stuck);
    await fulfilling(stuck);
    const id = `${stuck.cart}:checkout-1`;
    await sendAs(id, `account-default.${stuck.account}`, 'ReleaseHold', { holdId: id });
    await admit(stuck);
    const rows = await eventually(
      () => listed('stuck=true'),
      (found) => found.some((row) => row.id === id),
    );
    expect(rows.find((row) => row.id === id)).toMatchObject({ stuckSteps: ['capture'], status: 'running' });
    const item = await inInbox(id);
    expect(item?.waiting).toMatchObject([{ name: 'capture', status: 'stuck', code: expect.any(String) }]);
    await done(act(item, 'retry'));
    await eventually(
      () => sagaOf(stuck),
      ({ body }) => JSON.stringify(body['steps'] ?? '').includes('"stuck"'),
    );
    const note = 'the customer has paid by card';
    await done(act(item, 'resolve', { note }));
    expect(await inInbox(id)).toBeUndefined();
    const { body } = await ended(stuck);
    expect(body).toMatchObject({ status: 'completed' });
    expect(body['steps']).toContainEqual(expect.objectContaining({ name: 'capture', note }));
    await eventually(
      () => listed('stuck=true'),
      (found) => !found.some((row) => row.id === id),
    );
    await eventually(
      () => listed('status=completed'),
      (found) => found.some((row) => row.id === id),
    );
  });
});

describe('a compensation that only an operator can resolve', () => {
  it('is in the inbox, and is tried again and resolved from there', async () => {
    const stuck = await shop({ customer: 'asked' });
    await checkOut(stuck);
    const id = `${stuck.cart}:checkout-1`;
    await eventually(
      () => sagaOf(stuck),
      ({ body }) => stepIn(body, 'fulfil')?.['waitingSince'] !== undefined,
    );
    await sendAs(id, `cart-default.${stuck.cart}`, 'CompleteCheckout', { checkoutId: 'checkout-1' });
    const lost = { status: 'failed', code: 'PARCEL.LOST', detail: 'fell into the sea' };
    await done(post(`${process.env['FULFILMENT_URL']}/orders/${id}/report`, lost));
    const item = await eventually(
      () => inInbox(id),
      (found) => found !== undefined,
    );
    expect(item).toMatchObject({
      waiting: [{ name: 'cart', status: 'stuck', code: 'CHECKOUT.COMPLETED' }],
      actions: [{ name: 'retry' }, { name: 'resolve' }],
    });
    expect((await sagaOf(stuck)).body).toMatchObject({ status: 'compensating' });
    await done(act(item, 'retry'));
    const again = await eventually(
      () => inInbox(id),
      (found) => found !== undefined && found.waiting[0]?.since !== item?.waiting[0]?.since,
    );
    expect(again?.waiting).toMatchObject([{ name: 'cart', status: 'stuck', code: 'CHECKOUT.COMPLETED' }]);
    const note = 'the customer has a new cart';
    await done(act(again, 'resolve', { note }));
    const { body } = await ended(stuck);
    expect(body).toMatchObject({ status: 'compensated', cause: { code: 'PARCEL.LOST' } });
    expect(stepIn(body, 'cart')).toMatchObject({ status: 'undone', note });
    expect((await read(url(`/v1/accounts/${stuck.account}`))).body).toMatchObject({
      balance: 10_000,
      held: 0,
    });
    await eventually(
      () => listed('stuck=true'),
      (found) => !found.some((row) => row.id === id),
    );
    expect(await inInbox(id)).toBeUndefined();
  });
});

describe('a step that is never answered', () => {
  it('is listed with its age, and the checkout is undone once an operator says that it was not done', async () => {
    const unanswered = await shop({ customer: 'down' });
    await checkOut(unanswered);
    const id = `${unanswered.cart}:checkout-1`;
    const rows = await eventually(
      () => listed('stuck=true'),
      (found) => found.some((row) => row.id === id),
    );
    const step = stepIn((await sagaOf(unanswered)).body, 'fulfil');
    expect(step).toMatchObject({ status: 'running', overdueAt: expect.any(String) });
    const row = rows.find((one) => one.id === id);
    expect(row).toMatchObject({ stuckSteps: ['fulfil'], stuckSince: step?.['overdueAt'] });

    const item = await inInbox(id);
    expect(item?.waiting).toMatchObject([{ name: 'fulfil', status: 'overdue', since: step?.['overdueAt'] }]);
    expect(item?.actions.map(({ name }) => name)).toEqual(['resolve']);
    const retried = await post(url(`/v1/checkouts/${id}/retry-step`), { step: 'fulfil' }, wait);
    expect(retried).toMatchObject({ status: 409, body: { code: 'SAGA.STEP_UNDER_WAY' } });
    await done(act(item, 'resolve', { outcome: 'not-done', note: 'they have closed down' }));
    const { body } = await ended(unanswered);
    expect(body).toMatchObject({ status: 'compensated', cause: { code: 'SAGA.STEP_NOT_DONE' } });
    expect((await read(url(`/v1/inventory/${unanswered.skus[0]}`))).body).toMatchObject({ onHand: 10 });
    await eventually(
      () => listed('stuck=true'),
      (found) => !found.some((one) => one.id === id),
    );
  });
});
