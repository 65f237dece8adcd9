import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { toMilliseconds } from '#libs/core/timestamp.js';
import { testHome } from '#tools/dev-stack/kill-server.js';
import { eventually, post, read } from '../support/account-rest.js';
import {
  checkOut,
  done,
  ended as checkoutEnded,
  PRICE,
  sagaOf,
  shop,
  type Shop,
  url,
  wait,
} from '../support/shop.js';

interface Fulfilment {
  readonly status: string;
  readonly waits: readonly { readonly kind: string; readonly place: string; readonly until: string }[];
  readonly callbacks?: readonly { readonly name: string; readonly progress: object }[];
}

/** The codes of reports, by their answers. */
const OVER = { status: 410, code: 'CALLBACK_ADDRESS.OVER' };
const OTHER = { status: 409, code: 'CALLBACK_ADDRESS.OTHER_END' };
const TAKEN = { status: 200 };

const flow = (id: string) => url(`/v1/flows/fulfilment/${id}`);
const order = (id: string) => `${process.env['FULFILMENT_URL']}/orders/${id}`;
const report = async (id: string, body: object) => (await post(`${order(id)}/report`, body)).body;
const completed = { status: 'completed', result: {} };
const progress = (stop: number) => ({ status: 'progress', progress: { stop } });

async function placed(mood: string): Promise<string> {
  const id = `o-${randomUUID()}`;
  const input = { order: id, customerId: `${mood}-1`, lines: [{ sku: 'cd', quantity: 1 }], timeout: '8h' };
  expect(await post(`${flow(id)}/start`, input, wait)).toMatchObject({ status: 201 });
  return id;
}

const until = async (id: string, isSo: (state: Fulfilment) => boolean): Promise<Fulfilment> => {
  const state = async () => (await read(flow(id))).body as unknown as Fulfilment;
  return eventually(state, isSo, 60_000);
};
const ended = (id: string) => until(id, ({ status }) => status !== 'running' && status !== 'cancelling');

/** The order once the provider has it. */
const atProvider = (id: string) =>
  eventually(
    () => read(order(id)),
    ({ status }) => status === 200,
    30_000,
  );

describe('an order that the provider answers later', () => {
  it.each([
    ['later', { status: 'completed', result: { answered: 'later' } }, [TAKEN, TAKEN, TAKEN]],
    ['lost', { status: 'failed', failure: { code: 'PARCEL.LOST' } }, [TAKEN, TAKEN, TAKEN]],
    ['wrong', { status: 'completed' }, [TAKEN, TAKEN, TAKEN, TAKEN, OTHER, OVER]],
    ['vague', { status: 'completed', result: { answered: 'at-once' } }, []],
  ])('ends as it reports: %s', async (mood, state, answers) => {
    const id = await placed(mood);
    expect(await ended(id)).toMatchObject(state);
    const reports = async () => (await read(order(id))).body['reports'] as object[];
    expect(await eventually(reports, ({ length }) => length === answers.length)).toEqual(answers);
  });

  it('shows its progress, and learns that the flow was cancelled', async () => {
    const id = await placed('asked');
    await atProvider(id);
    expect(await report(id, progress(3))).toEqual(TAKEN);
    const { callbacks } = await until(id, (state) => state.callbacks !== undefined);
    expect(callbacks).toMatchObject([{ name: 'fulfilled', progress: { stop: 3 } }]);
    await post(`${flow(id)}/cancel`, { reason: 'not wanted any more' }, wait);
    expect(await ended(id)).toMatchObject({ status: 'cancelled' });
    expect((await read(order(id))).body).toMatchObject({ status: 'cancelled' });
    expect([await report(id, progress(4)), await report(id, completed)]).toEqual([OVER, OVER]);
  });

  it('has an address that stands in no log', async () => {
    const id = await placed('asked');
    await atProvider(id);
    const { waits } = await until(id, (state) => state.waits.length > 0);
    expect(await report(id, completed)).toEqual(TAKEN);
    await ended(id);
    const [{ place, until: end } = { place: '', until: '' }] = waits;
    const token = Buffer.from(`${toMilliseconds(end).toString(36)} ${place}`).toString('base64url');
    const folder = join(String(process.env[testHome]), 'logs');
    const logs = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(logs.filter((text) => text.includes(token))).toEqual([]);
  });
});

describe('a checkout whose order the provider answers later', () => {
  const fulfil = async (of: Shop) => {
    const steps = (await sagaOf(of)).body['steps'] as { name: string; waitingSince?: string }[] | undefined;
    return steps?.find(({ name }) => name === 'fulfil');
  };
  const idOf = ({ cart }: Shop) => `${cart}:checkout-1`;

  it.each([
    ['later', { status: 'completed' }, 10_000 - 5 * PRICE],
    ['lost', { status: 'compensated', cause: { code: 'PARCEL.LOST' } }, 10_000],
    ['wrong', { status: 'completed' }, 10_000 - 5 * PRICE],
  ])('ends as it reports: %s', async (mood, state, balance) => {
    const bought = await shop({ customer: mood });
    await checkOut(bought);
    expect((await checkoutEnded(bought)).body).toMatchObject(state);
    const account = async () => (await read(url(`/v1/accounts/${bought.account}`))).body;
    expect(await eventually(account, ({ held }) => held === 0)).toMatchObject({ balance });
  });

  it('waits, and a person may settle it; the order is cancelled, and its address is over', async () => {
    const bought = await shop({ customer: 'asked' });
    await checkOut(bought);
    await eventually(
      () => fulfil(bought),
      (step) => step?.waitingSince !== undefined,
    );
    expect(await report(idOf(bought), progress(3))).toEqual(TAKEN);
    const resolve = url(`/v1/checkouts/${idOf(bought)}/resolve-step`);
    await done(post(resolve, { step: 'fulfil', note: 'will not come', outcome: 'not-done' }, wait));
    expect((await checkoutEnded(bought)).body).toMatchObject({ status: 'compensated' });
    expect((await read(order(idOf(bought)))).body).toMatchObject({ status: 'cancelled' });
    // Each of them wakes the checkout, which ends again at once.
    for (const stop of [4, 5, 6]) expect(await report(idOf(bought), progress(stop))).toEqual(OVER);
    expect(await report(idOf(bought), { status: 'failed', code: 'X.Y', detail: 'late' })).toEqual(OVER);
  });
});

describe('a callback address', () => {
  const at = (token: string) => url(`/v1/callback-addresses?token=${token}`);
  const sent = async (address: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: reply.status, ...((await reply.json()) as { readonly code?: string }) };
  };

  it('needs no credential but its token, which nobody can make', async () => {
    const payload = Buffer.from(`zzzzzzzz fulfilment-default.o-1/fulfilled`).toString('base64url');
    for (const token of ['x', `${payload}.${'A'.repeat(43)}`]) {
      expect(await sent(at(token), completed)).toMatchObject({
        status: 404,
        code: 'CALLBACK_ADDRESS.UNKNOWN',
      });
    }
    expect(await sent(url('/v1/callback-addresses'), completed)).toMatchObject({ status: 400 });
    expect(await sent(at('x'), { status: 'done' })).toMatchObject({ status: 422 });
    const large = { status: 'completed', result: { text: 'x'.repeat(70_000) } };
    expect(await sent(at('x'), large)).toMatchObject({ status: 413 });
  });
});
