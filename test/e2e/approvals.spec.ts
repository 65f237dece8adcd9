import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, post, type Reply, request } from '../support/account-rest.js';
import { bearerOf } from '../support/tokens.js';

const url = String(process.env['PERDURE_URL']);
const run = randomUUID().slice(0, 8);
const content = { order: run, amount: 125_000 };

type Headers = Readonly<Record<string, string>>;
const as: Record<string, Headers> = {};

// Alice and Bob are customers, Tom is a teller, Sue a supervisor, Sam works in support, and Ada is
// in another tenant.
const users = ['alice', 'bob', 'tom', 'sue', 'sam', 'ada'] as const;
type User = (typeof users)[number];

beforeAll(async () => {
  for (const user of users) as[user] = { ...(await bearerOf(user)), prefer: 'wait=20' };
});

const get = (user: User, path: string, headers: Headers = {}): Promise<Reply> =>
  request(`${url}/v1/approvals${path}`, { headers: { ...as[user], ...headers } });
const send = (user: User, id: string, command: string, body: object, headers: Headers = {}) =>
  post(`${url}/v1/approvals/${id}/${command}`, body, { ...as[user], ...headers });

function inAMinute(minutes = 1): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

async function requested(id: string, more: object = {}): Promise<Reply> {
  const candidates = ['user:tom', 'role:supervisor'];
  const body = { subject: `Order ${run}`, content, candidates, deadline: inAMinute(60), ...more };
  const reply = await send('alice', id, 'request', body);
  expect(reply).toMatchObject({ status: 201 });
  return reply;
}

async function hashOf(id: string): Promise<string> {
  return String((await get('tom', `/${id}`)).body['contentHash']);
}

/**
 * The ids of this run that a caller is shown, once the list has what the token says. To those who
 * have no part in an approval, the list never seems to have it.
 */
async function listed(user: User, query: string, token?: string): Promise<readonly string[]> {
  const reply = await eventually(
    () => get(user, `?limit=200&${query}`, token === undefined ? {} : { 'consistency-token': token }),
    ({ headers }) => headers.get('stale-by') === null,
  );
  const { data } = reply.body as { data: readonly { id: string }[] };
  return data.map(({ id }) => id).filter((id) => id.startsWith(run));
}

const tokenOf = ({ headers }: Reply) => String(headers.get('consistency-token'));

describe('an approval', () => {
  it('is decided by a role, and only with the hash of its content', async () => {
    const id = `${run}-role`;
    await requested(id);
    const contentHash = await hashOf(id);
    const other = { contentHash: contentHash.replaceAll(/./g, '0') };
    expect(await send('sue', id, 'approve', other)).toMatchObject({
      status: 422,
      body: { code: 'APPROVAL.CONTENT_MISMATCH' },
    });
    expect(await send('sue', id, 'approve', { contentHash })).toMatchObject({ status: 200 });
    expect(await send('tom', id, 'reject', { reason: 'late' })).toMatchObject({
      status: 409,
      body: { code: 'APPROVAL.ENDED' },
    });
    const { body } = await get('alice', `/${id}`);
    expect(body).toMatchObject({ status: 'approved', requester: 'alice', approvals: [{ by: 'sue' }] });
    const trail = (await get('alice', `/${id}/events`)).body as { data: readonly object[] };
    expect(trail.data).toMatchObject([
      { type: 'ApprovalRequested', actor: 'alice' },
      { type: 'ApprovalGiven', actor: 'sue' },
      { type: 'ApprovalGranted', actor: 'sue' },
    ]);
  });

  it('does not exist for others, and support reads it without deciding', async () => {
    const id = `${run}-hidden`;
    await requested(id);
    const contentHash = await hashOf(id);
    for (const stranger of ['bob', 'ada'] as const) {
      expect(await get(stranger, `/${id}`)).toMatchObject({ status: 404 });
      expect(await get(stranger, `/${id}/events`)).toMatchObject({ status: 404 });
      expect(await send(stranger, id, 'approve', { contentHash })).toMatchObject({
        status: 404,
        body: { code: 'APPROVAL.NOT_REQUESTED' },
      });
    }
    expect(await get('sam', `/${id}`)).toMatchObject({ status: 200 });
    expect(await send('sam', id, 'approve', { contentHash })).toMatchObject({ status: 404 });
    expect(await send('alice', id, 'approve', { contentHash })).toMatchObject({
      body: { code: 'APPROVAL.OWN_REQUEST' },
    });
  });

  it('is refused by silence, without anybody sending anything', async () => {
    const id = `${run}-silent`;
    await requested(id, { deadline: new Date(Date.now() + 4_000).toISOString() });
    const { body } = await eventually(
      () => get('alice', `/${id}`),
      (reply) => reply.body['status'] === 'refused',
    );
    expect(body).not.toHaveProperty('refusedBy');
  });

  it('takes no answers from a caller', async () => {
    const answer = { type: 'Deposit', data: { amount: 1 } };
    const body = {
      ...{ subject: 'x', content: {}, candidates: ['user:tom'], deadline: inAMinute() },
      answers: { approved: answer, refused: answer, withdrawn: answer },
    };
    expect(await send('alice', `${run}-answers`, 'request', body)).toMatchObject({
      status: 422,
      body: { code: 'REQUEST.INVALID_BODY' },
    });
  });
});

describe('many decisions at a time', () => {
  it('are tried, then made, each with its own outcome, and once', async () => {
    const ids = ['one', 'two', 'ended'].map((name) => `${run}-bulk-${name}`);
    for (const id of ids) await requested(id);
    const [one = '', two = '', ended = ''] = ids;
    const contentHash = await hashOf(one);
    await send('alice', ended, 'withdraw', {});
    const items = [
      { id: one, decision: 'approve', contentHash },
      { id: two, decision: 'reject', contentHash, reason: 'too dear' },
      { id: ended, decision: 'approve', contentHash },
      { id: `${run}-none`, decision: 'approve', contentHash },
    ];
    const decide = (more: object, key: string) =>
      post(
        `${url}/v1/approvals/bulk-decide`,
        { items, ...more },
        { ...as['tom'], 'idempotency-key': `${run} ${key}` },
      );
    const outcomes = [
      { id: one, status: 'accepted' },
      { id: two, status: 'accepted' },
      { id: ended, status: 'rejected', code: 'APPROVAL.ENDED' },
      { status: 'rejected', code: 'APPROVAL.NOT_REQUESTED' },
    ];
    const tried = await decide({ dryRun: true }, 'key');
    expect(tried).toMatchObject({ status: 200, body: { dryRun: true, data: outcomes } });
    expect((await get('alice', `/${one}`)).body).toMatchObject({ status: 'open' });
    const made = await decide({}, 'key');
    expect(made).toMatchObject({ status: 200, body: { dryRun: false, data: outcomes } });
    expect((await decide({}, 'key')).body).toEqual(made.body);
    expect((await decide({}, 'another key')).body).toMatchObject({
      data: [{ code: 'APPROVAL.ENDED' }, { code: 'APPROVAL.ENDED' }, {}, {}],
    });
    expect((await get('alice', `/${one}`)).body).toMatchObject({ status: 'approved' });
    expect((await get('alice', `/${two}`)).body).toMatchObject({ status: 'refused', reason: 'too dear' });
  });
});

describe('the inbox', () => {
  it('shows each caller what it requested or may decide, and filters it', async () => {
    const [soon, late, toms] = [`${run}-soon`, `${run}-late`, `${run}-toms`];
    await requested(late, { deadline: inAMinute(120) });
    await requested(toms, { candidates: ['user:tom'], deadline: inAMinute(90) });
    const token = tokenOf(await requested(soon, { deadline: inAMinute(30) }));
    const all = await listed('tom', 'status=open', token);
    expect(all).toEqual(expect.arrayContaining([soon, toms, late]));
    expect(all.indexOf(soon)).toBeLessThan(all.indexOf(late));
    expect(await listed('sue', 'status=open', token)).not.toContain(toms);
    expect(await listed('alice', '', token)).toEqual(expect.arrayContaining([soon, late, toms]));
    expect(await listed('bob', '')).toEqual([]);
    expect(await listed('ada', '')).toEqual([]);
    expect(await listed('tom', `status=open&dueBefore=${inAMinute(100)}`, token)).not.toContain(late);
    expect(await listed('sue', 'candidate=user:tom', token)).not.toContain(toms);
    expect(await listed('tom', 'candidate=user:tom', token)).toContain(toms);
    const contentHash = await hashOf(toms);
    const done = tokenOf(await send('tom', toms, 'approve', { contentHash }));
    expect(await listed('tom', 'status=open', done)).not.toContain(toms);
    expect(await listed('tom', 'status=approved&candidate=user:tom', done)).toContain(toms);
  });
});
