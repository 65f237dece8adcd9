import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, post, type Reply, request } from '../support/account-rest.js';
import { done, url } from '../support/shop.js';
import { bearerOf } from '../support/tokens.js';

const run = randomUUID().slice(0, 8);
const as: Record<string, Record<string, string>> = {};

// Alice is a customer, Tom a teller, Sue a supervisor, and Will works in the warehouse.
const users = ['alice', 'tom', 'sue', 'will'] as const;
type User = (typeof users)[number];

beforeAll(async () => {
  for (const user of users) as[user] = { ...(await bearerOf(user)), prefer: 'wait=20' };
});

const get = (user: User, path: string): Promise<Reply> =>
  request(url(`/v1/${path}`), { headers: as[user] ?? {} });
const send = (user: User, path: string, body: object): Promise<Reply> =>
  post(url(`/v1/${path}`), body, as[user]);

/** An account of Alice with 1,000, of which 100 need no approval. Tom approves more. */
async function limitedAccount(name: string, more: object = {}): Promise<string> {
  const account = `accounts/limit-${run}-${name}`;
  await done(send('alice', `${account}/open`, { owner: 'alice', currency: 'EUR' }));
  await done(send('tom', `${account}/deposit`, { amount: 1_000 }));
  await done(
    send('sue', `${account}/set-approval-limit`, { amount: 100, candidates: ['user:tom'], ...more }),
  );
  return account;
}

interface Waiting {
  readonly approvalId: string;
  readonly contentHash: string;
}

/** The only request of an account or an item. */
async function requestOf(user: User, entity: string): Promise<Waiting> {
  const { requests } = (await get(user, entity)).body as { requests?: readonly Waiting[] };
  expect(requests).toHaveLength(1);
  return requests?.[0] as Waiting;
}

/** The approval of the only request, once it is in Tom's inbox. */
async function inInbox(waiting: Waiting): Promise<Record<string, unknown>> {
  const find = ({ body }: Reply) =>
    (body['data'] as Record<string, unknown>[]).find(({ id }) => id === waiting.approvalId);
  const inbox = await eventually(
    () => get('tom', 'approvals?candidate=user:tom&status=open&limit=200'),
    (reply) => find(reply) !== undefined,
  );
  return find(inbox) ?? {};
}

const approve = ({ approvalId, contentHash }: Waiting) =>
  done(send('tom', `approvals/${approvalId}/approve`, { contentHash }));
const reject = ({ approvalId }: Waiting) =>
  done(send('tom', `approvals/${approvalId}/reject`, { reason: 'too much' }));

/** An entity once nothing of it waits any more. */
const settled = (user: User, entity: string): Promise<Reply> =>
  eventually(
    () => get(user, entity),
    ({ body }) => body['requests'] === undefined,
  );

const accountsOf = (from: string, to: string) => ({
  from: from.slice('accounts/'.length),
  to: to.slice('accounts/'.length),
});

const lastOf = async (user: User, entity: string) =>
  ((await get(user, `${entity}/events`)).body as { data: readonly object[] }).data.at(-1);

describe('a withdrawal above the limit', () => {
  it('waits in the inbox of a candidate with its money held, and is paid out once approved', async () => {
    const account = await limitedAccount('approved');
    const reply = await done(send('alice', `${account}/withdraw`, { amount: 400, reference: 'rent' }));
    expect(reply.body).toMatchObject({ status: 'accepted', events: ['WithdrawalRequested'] });
    expect((await get('alice', account)).body).toMatchObject({ balance: 1_000, held: 400, available: 600 });
    const waiting = await requestOf('alice', account);
    expect(await inInbox(waiting)).toMatchObject({ status: 'open', requester: 'alice' });
    expect((await get('tom', `approvals/${waiting.approvalId}`)).body).toMatchObject({
      content: { account: account.slice('accounts/'.length), kind: 'withdrawal', amount: 400 },
      contentHash: waiting.contentHash,
    });
    const { contentHash } = waiting;
    expect(await send('alice', `approvals/${waiting.approvalId}/approve`, { contentHash })).toMatchObject({
      body: { code: 'APPROVAL.OWN_REQUEST' },
    });
    await approve(waiting);
    expect((await settled('alice', account)).body).toMatchObject({ balance: 600, held: 0 });
    // Alice has caused it, and the approval has sent it.
    expect(await lastOf('alice', account)).toMatchObject({
      type: 'MoneyWithdrawn',
      data: { amount: 400, reference: 'rent' },
      actor: `approval-default.${waiting.approvalId}`,
    });
  });

  it('is given back when the candidate rejects it', async () => {
    const account = await limitedAccount('rejected');
    await done(send('alice', `${account}/withdraw`, { amount: 400 }));
    const waiting = await requestOf('alice', account);
    await inInbox(waiting);
    await reject(waiting);
    expect((await settled('alice', account)).body).toMatchObject({ balance: 1_000, held: 0 });
    expect(await lastOf('alice', account)).toMatchObject({
      type: 'RequestRefused',
      data: { because: 'refused', reason: 'too much' },
    });
  });

  it('is given back when nobody decides in time', async () => {
    const account = await limitedAccount('silent', { withinSeconds: 5 });
    await done(send('alice', `${account}/withdraw`, { amount: 400 }));
    expect((await settled('alice', account)).body).toMatchObject({ balance: 1_000, held: 0 });
    expect(await lastOf('alice', account)).toMatchObject({
      type: 'RequestRefused',
      data: { because: 'refused', reason: expect.stringContaining('nobody decided') },
    });
  });

  it('is given back when the one who asked withdraws the request', async () => {
    const account = await limitedAccount('withdrawn');
    await done(send('alice', `${account}/withdraw`, { amount: 400 }));
    const waiting = await requestOf('alice', account);
    await inInbox(waiting);
    await done(send('alice', `approvals/${waiting.approvalId}/withdraw`, {}));
    expect((await settled('alice', account)).body).toMatchObject({ balance: 1_000, held: 0 });
  });
});

describe('a hold above the limit', () => {
  it('is captured only after it was approved', async () => {
    const account = await limitedAccount('hold');
    await done(send('alice', `${account}/place-hold`, { holdId: 'h-1', amount: 400 }));
    const capture = () => send('tom', `${account}/capture-hold`, { holdId: 'h-1' });
    expect(await capture()).toMatchObject({ status: 409, body: { code: 'HOLD.NOT_APPROVED' } });
    const waiting = await requestOf('alice', account);
    await inInbox(waiting);
    await approve(waiting);
    expect((await settled('alice', account)).body).toMatchObject({ holds: [{ holdId: 'h-1' }], held: 400 });
    await done(capture());
    expect((await get('alice', account)).body).toMatchObject({ balance: 600, held: 0 });
  });

  it('is released while it waits, and then it waits in no inbox', async () => {
    const account = await limitedAccount('released');
    await done(send('alice', `${account}/place-hold`, { holdId: 'h-1', amount: 400 }));
    const waiting = await requestOf('alice', account);
    await inInbox(waiting);
    await done(send('tom', `${account}/release-hold`, { holdId: 'h-1' }));
    expect((await get('alice', account)).body).toMatchObject({ balance: 1_000, held: 0 });
    await eventually(
      () => get('tom', `approvals/${waiting.approvalId}`),
      ({ body }) => body['status'] === 'withdrawn',
    );
  });
});

describe('a transfer above the limit', () => {
  it('continues once it is approved, and ends without effect when it is rejected', async () => {
    const from = await limitedAccount('from');
    const to = `accounts/limit-${run}-to`;
    await done(send('alice', `${to}/open`, { owner: 'alice', currency: 'EUR' }));
    const input = { ...accountsOf(from, to), amount: 400, currency: 'EUR' };
    for (const [decide, status, balance] of [
      [reject, 'compensated', 1_000],
      [approve, 'completed', 600],
    ] as const) {
      const transfer = `transfers/limit-${run}-${status}`;
      await done(send('alice', `${transfer}/start`, input));
      await eventually(
        () => get('alice', transfer),
        ({ body }) => JSON.stringify(body['steps']).includes('waitingSince'),
      );
      const waiting = await requestOf('alice', from);
      expect(await inInbox(waiting)).toMatchObject({ requester: 'alice' });
      await decide(waiting);
      await eventually(
        () => get('alice', transfer),
        ({ body }) => body['status'] === status,
      );
      expect((await settled('alice', from)).body).toMatchObject({ balance, held: 0 });
    }
    expect((await get('alice', to)).body).toMatchObject({ balance: 400 });
  });
});

describe('a large correction of stock', () => {
  it('is done once it is approved, and dropped when it is rejected', async () => {
    const item = `inventory/limit-${run}`;
    await done(send('will', `${item}/receive`, { quantity: 50 }));
    await done(send('sue', `${item}/set-approval-limit`, { pieces: 5, candidates: ['user:tom'] }));
    for (const [decide, onHand] of [
      [reject, 50],
      [approve, 20],
    ] as const) {
      const reply = await done(send('will', `${item}/adjust`, { by: -30, reason: 'water damage' }));
      expect(reply.body).toMatchObject({ events: ['AdjustmentRequested'] });
      const waiting = await requestOf('will', item);
      await inInbox(waiting);
      await decide(waiting);
      expect((await settled('will', item)).body).toMatchObject({ onHand });
    }
  });
});
