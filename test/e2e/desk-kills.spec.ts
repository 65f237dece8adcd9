import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { eachOf } from '#libs/runtime/each-of.js';
import { killServer, testHome } from '#tools/dev-stack/kill-server.js';
import { allAnswer, eventually, insistOn, read, type Reply, request } from '../support/account-rest.js';
import { depthOf, placesChosen } from '../support/depth.js';
import { url } from '../support/shop.js';
import { bearerOf } from '../support/tokens.js';

const AT_ONCE = 16;
const AMOUNT = 200;
/** An account may have a hundred requests that wait. */
const REQUESTS_OF_AN_ACCOUNT = 50;
const SERVERS = ['desk', 'account', 'temporal', 'event-store', 'kafka', 'postgres'];
const isKilled = placesChosen('killed', 3);
const KILLED = SERVERS.filter((_, place) => isKilled(place));
/** A loaded machine needs several attempts of everything. */
const PATIENCE_MILLISECONDS = 300_000;

const run = randomUUID().slice(0, 8);
const allBack = () => allAnswer([url('/health/ready')], PATIENCE_MILLISECONDS);

type Headers = Readonly<Record<string, string>>;

/** An account with money for all of its withdrawals, of which each needs Tom's approval. */
async function limitedAccount(account: string, withdrawals: number, sue: Headers): Promise<void> {
  const send = (verb: string, body: object, headers: Headers = {}) =>
    insistOn(url(`/v1/accounts/${account}/${verb}`), `${account} ${verb}`, body, {
      prefer: 'wait=20',
      ...headers,
    });
  await send('open', { owner: 'alice', currency: 'EUR' });
  await send('deposit', { amount: withdrawals * AMOUNT });
  await send('set-approval-limit', { amount: 100, candidates: ['user:tom'] }, sue);
}

interface Waiting {
  readonly approvalId: string;
  readonly contentHash: string;
}

/** Sends a webhook until it is stored, and once more. */
async function insistOnWebhook(id: string, body: object): Promise<void> {
  const secret = readFileSync(join(String(process.env[testHome]), 'webhook-secret'), 'utf8').trim();
  const send = (): Promise<Reply> => {
    const [text, at] = [JSON.stringify(body), new Date()];
    return request(url('/v1/callbacks/card'), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign(id, at, text),
      },
      body: text,
    });
  };
  for (let stored = 0; stored < 2;) {
    const { status } = await send();
    if (status === 200) stored += 1;
    else expect([0, 404, 429, 500, 502, 503, 504]).toContain(status);
    await pause(100);
  }
}

async function typesOf(path: string): Promise<readonly string[]> {
  const { body } = await read(url(`/v1/${path}/events`));
  return ((body['data'] ?? []) as { readonly type: string }[]).map(({ type }) => type);
}

async function withKills<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined); // told where it is awaited
  for (let kill = 0; kill < KILLED.length * depthOf('KILLS'); kill += 1) {
    await allBack();
    killServer(KILLED[kill % KILLED.length] ?? 'desk');
    await pause(1_000);
  }
  const done = await work;
  await allBack();
  return done;
}

it('requests are approved or refused once, and their money adds up, while everything is killed', async () => {
  const [alice, tom, sue] = [await bearerOf('alice'), await bearerOf('tom'), await bearerOf('sue')];
  const count = depthOf('DESK');
  const accounts = Array.from(
    { length: Math.ceil(count / REQUESTS_OF_AN_ACCOUNT) },
    (_, index) => `desk-${run}-${index}`,
  );
  const withdrawals = Array.from({ length: count }, (_, index) => index);
  const accountOf = (index: number) => accounts[index % accounts.length] ?? '';
  const of = (account: string) => withdrawals.filter((index) => accountOf(index) === account);
  for (const account of accounts) await limitedAccount(account, of(account).length, sue);

  const decide = async ({ approvalId, contentHash }: Waiting, isApproved: boolean) => {
    const at = url(`/v1/approvals/${approvalId}`);
    const requested = await eventually(
      () => request(at, { headers: tom }),
      ({ status }) => status === 200,
      PATIENCE_MILLISECONDS,
    );
    expect(requested.body).toMatchObject({ contentHash, requester: 'alice' });
    if (isApproved) await insistOn(`${at}/approve`, approvalId, { contentHash }, tom);
    else await insistOn(`${at}/reject`, approvalId, { reason: 'too much' }, tom);
  };
  const isApproved = (reference: string) => Number(reference) % 2 === 0;
  const withdrawn = eachOf(withdrawals, AT_ONCE, async (index) => {
    const body = { amount: AMOUNT, reference: String(index) };
    await insistOn(url(`/v1/accounts/${accountOf(index)}/withdraw`), `${run} ${index}`, body, alice);
  });
  const decided = async () => {
    await withdrawn;
    for (const account of accounts) {
      const { body } = await eventually(
        () => read(url(`/v1/accounts/${account}`)),
        ({ body: state }) => (state['requests'] as unknown[] | undefined)?.length === of(account).length,
        PATIENCE_MILLISECONDS,
      );
      const requests = body['requests'] as readonly (Waiting & { readonly reference: string })[];
      await eachOf(requests, AT_ONCE, (waiting) => decide(waiting, isApproved(waiting.reference)));
    }
  };
  await withKills(decided());

  for (const account of accounts) {
    const { body } = await eventually(
      () => read(url(`/v1/accounts/${account}`)),
      ({ body: state }) => state['requests'] === undefined,
      PATIENCE_MILLISECONDS,
    );
    const refused = of(account).filter((index) => !isApproved(String(index))).length;
    expect(body).toMatchObject({ balance: refused * AMOUNT, held: 0 });
  }
}, 1_800_000);

it('webhooks are stored once, and reach their flow once, while everything is killed', async () => {
  const reference = randomUUID();
  const flows = Array.from({ length: depthOf('DESK') }, (_, index) => `${reference}-${index}`);
  const flowAt = (id: string, path = '') => url(`/v1/flows/card-payment/${id}${path}`);
  // The provider itself would report them in an hour. A flow whose charge was answered late asks.
  const card = 'tok_late_3600000';
  const payment = { reference, amount: AMOUNT, currency: 'EUR', card, settleAfter: '90s' };
  let claimed = 0;
  const paid = async () => {
    await eachOf(flows, AT_ONCE, async (id) => {
      await insistOn(flowAt(id, '/start'), id, payment);
    });
    await eachOf(flows, AT_ONCE, async (id) => {
      const { body } = await eventually(
        () => read(flowAt(id)),
        ({ body: flow }) => chargeIn(flow) !== undefined,
        PATIENCE_MILLISECONDS,
      );
      await insistOnWebhook(`${run}-${id}`, { id: chargeIn(body), state: 'succeeded' });
    });
  };
  await withKills(paid());

  await eachOf(flows, AT_ONCE, async (id) => {
    const { body } = await eventually(
      () => read(flowAt(id)),
      ({ body: flow }) => flow['endedAt'] !== undefined,
      PATIENCE_MILLISECONDS,
    );
    expect(body).toMatchObject({ status: 'completed', result: { state: 'succeeded' } });
    const { charge } = body['result'] as { readonly charge: string };
    const types = await typesOf(`callbacks/card:${charge}`);
    expect(types.filter((type) => type === 'CallbackReceived')).toHaveLength(1);
    const claims = types.filter((type) => type === 'CallbackClaimed').length;
    expect(claims).toBeLessThanOrEqual(1);
    claimed += claims;
  });
  expect(claimed).toBeGreaterThan(0);
}, 1_800_000);

function chargeIn({ progress, result }: Record<string, unknown>): string | undefined {
  return ((progress ?? result) as { readonly charge?: string } | undefined)?.charge;
}
