import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { eachOf } from '#libs/runtime/each-of.js';
import { killServer, testHome } from '#tools/dev-stack/kill-server.js';
import { eventually, insistOn, type Reply, request } from '../support/account-rest.js';
import { depthOf, isLong, placesChosen } from '../support/depth.js';
import { url } from '../support/shop.js';
import { bearerOf } from '../support/tokens.js';

const AT_ONCE = 16;
const AMOUNT = 200;
/** An account may have a hundred requests that wait. */
const REQUESTS_OF_AN_ACCOUNT = 50;
const SERVERS = ['desk', 'account', 'temporal', 'event-store', 'kafka', 'postgres'];
const isKilled = placesChosen('killed', 3);
const KILLED = SERVERS.filter((_, place) => isKilled(place));
/**
 * For each thing that is waited for, behind all the others. A loaded machine needs several attempts
 * of everything.
 */
const PATIENCE_MILLISECONDS = isLong ? 1_200_000 : 300_000;
/** For a test. What it waits for in vain fails before that, and says what it was. */
const LIMIT_MILLISECONDS = 3 * PATIENCE_MILLISECONDS;

const run = randomUUID().slice(0, 8);

type Headers = Readonly<Record<string, string>>;

/** Asks until something is so, or fails with what that was and the last answer. */
async function until<T>(what: string, ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  try {
    return await eventually(ask, isSo, PATIENCE_MILLISECONDS);
  } catch (error) {
    throw new Error(`waited in vain until ${what}`, { cause: error });
  }
}

/** What an address shows once it is answered 200, and something is so. */
async function shown(
  what: string,
  path: string,
  isSo: (body: Reply['body']) => boolean = () => true,
  headers: Headers = {},
): Promise<Reply['body']> {
  const ask = () => request(url(path), { headers });
  const { body } = await until(what, ask, (reply) => reply.status === 200 && isSo(reply.body));
  return body;
}

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
  for (const time of ['first', 'second']) {
    await until(`the webhook ${id} is stored for the ${time} time`, send, ({ status }) => {
      expect([0, 200, 404, 429, 500, 502, 503, 504]).toContain(status);
      return status === 200;
    });
  }
}

async function typesOf(path: string): Promise<readonly string[]> {
  const { data = [] } = await shown(`the events of ${path} are shown`, `/v1/${path}/events`);
  return (data as { readonly type: string }[]).map(({ type }) => type);
}

async function withKills<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined); // told where it is awaited
  let last = 'nothing';
  const allBack = () => shown(`everything is ready after ${last} was killed`, '/health/ready');
  for (let kill = 0; kill < KILLED.length * depthOf('KILLS'); kill += 1) {
    await allBack();
    last = KILLED[kill % KILLED.length] ?? 'desk';
    killServer(last);
    await pause(1_000);
  }
  const done = await work;
  await allBack();
  return done;
}

it(
  'requests are approved or refused once, and their money adds up, while everything is killed',
  async () => {
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
      const path = `/v1/approvals/${approvalId}`;
      const requested = await shown(`the approval ${approvalId} is requested`, path, undefined, tom);
      expect(requested).toMatchObject({ contentHash, requester: 'alice' });
      if (isApproved) await insistOn(url(`${path}/approve`), approvalId, { contentHash }, tom);
      else await insistOn(url(`${path}/reject`), approvalId, { reason: 'too much' }, tom);
    };
    const isApproved = (reference: string) => Number(reference) % 2 === 0;
    const withdrawn = eachOf(withdrawals, AT_ONCE, async (index) => {
      const body = { amount: AMOUNT, reference: String(index) };
      await insistOn(url(`/v1/accounts/${accountOf(index)}/withdraw`), `${run} ${index}`, body, alice);
    });
    const decided = async () => {
      await withdrawn;
      for (const account of accounts) {
        const { requests: all } = await shown(
          `${account} has ${of(account).length} requests`,
          `/v1/accounts/${account}`,
          ({ requests }) => (requests as unknown[] | undefined)?.length === of(account).length,
        );
        const requests = all as readonly (Waiting & { readonly reference: string })[];
        await eachOf(requests, AT_ONCE, (waiting) => decide(waiting, isApproved(waiting.reference)));
      }
    };
    await withKills(decided());

    for (const account of accounts) {
      const state = await shown(
        `every request of ${account} is decided`,
        `/v1/accounts/${account}`,
        ({ requests }) => requests === undefined,
      );
      const refused = of(account).filter((index) => !isApproved(String(index))).length;
      expect(state).toMatchObject({ balance: refused * AMOUNT, held: 0 });
    }
  },
  LIMIT_MILLISECONDS,
);

it(
  'webhooks are stored once, and reach their flow once, while everything is killed',
  async () => {
    const reference = randomUUID();
    const flows = Array.from({ length: depthOf('DESK') }, (_, index) => `${reference}-${index}`);
    const pathOf = (id: string) => `/v1/flows/card-payment/${id}`;
    // The provider itself would report them in an hour. A flow whose charge was answered late asks.
    const card = 'tok_late_3600000';
    const payment = { reference, amount: AMOUNT, currency: 'EUR', card, settleAfter: '90s' };
    let claimed = 0;
    const paid = async () => {
      await eachOf(flows, AT_ONCE, async (id) => {
        await insistOn(url(`${pathOf(id)}/start`), id, payment);
      });
      await eachOf(flows, AT_ONCE, async (id) => {
        const isCharged = (flow: Reply['body']) => chargeIn(flow) !== undefined;
        const flow = await shown(`the payment ${id} is charged`, pathOf(id), isCharged);
        await insistOnWebhook(`${run}-${id}`, { id: chargeIn(flow), state: 'succeeded' });
      });
    };
    await withKills(paid());

    await eachOf(flows, AT_ONCE, async (id) => {
      const hasEnded = ({ endedAt }: Reply['body']) => endedAt !== undefined;
      const flow = await shown(`the payment ${id} has ended`, pathOf(id), hasEnded);
      expect(flow).toMatchObject({ status: 'completed', result: { state: 'succeeded' } });
      const { charge } = flow['result'] as { readonly charge: string };
      const types = await typesOf(`callbacks/card:${charge}`);
      expect(types.filter((type) => type === 'CallbackReceived')).toHaveLength(1);
      const claims = types.filter((type) => type === 'CallbackClaimed').length;
      expect(claims).toBeLessThanOrEqual(1);
      claimed += claims;
    });
    expect(claimed).toBeGreaterThan(0);
  },
  LIMIT_MILLISECONDS,
);

function chargeIn({ progress, result }: Record<string, unknown>): string | undefined {
  return ((progress ?? result) as { readonly charge?: string } | undefined)?.charge;
}
