import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka as KafkaJs, logLevel, type Producer } from 'kafkajs';
import { commandsTopic, eventsTopic, routeOf } from '#contracts/entity-contract.js';
import { SERVICES, variableOf } from '#contracts/services.js';
import type { CallbackPlace } from '#libs/core/callback-place.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { CallbackTokens } from '#libs/flow/callbacks/callback-tokens.js';
import type { Kafka, KafkaRecord, Watermarks } from '#libs/kafka/kafka.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { authorized } from '#libs/testing/authorized.js';
import { DAY } from '#libs/testing/moments.js';
import { testHome } from '#tools/dev-stack/kill-server.js';
import { brokers, newEvent, openKafka, openPool } from '../integration/read-path-kit.js';
import { eventually, post, request } from '../support/account-rest.js';
import { allServices } from '../support/all-services.js';
import { bodyWith, Canaries } from '../support/canaries.js';
import { patientStore } from '../support/patient-store.js';
import { done, url, wait } from '../support/shop.js';
import { shownByTemporal } from '../support/temporal-shows.js';

/** In fields that are marked: allowed in the values of records only. */
const personal = new Canaries();
/** In credentials, headers and addresses: allowed nowhere. */
const secret = new Canaries();

const contracts = allServices().flatMap(({ entities }) => entities.map(({ contract }) => contract));
const id = `c-${randomUUID()}`;
const account = (name: string) => url(`/v1/accounts/${id}-a/${name}`);
const checkoutOf = (mood: string) => `${id}-${mood}:checkout-1`;
const parked = `cart-default.${id}-parked`;
const replies = `perdure.replies.${randomUUID()}`;
const since = new Date();
/** How long the provider may take to answer an order later. */
const FULFILMENT_MILLISECONDS = 30 * DAY * 1_000;
/** Payments that are retried, declined by the provider, and refused because of a canary. */
const CARDS = { retried: 'tok_unavailable', declined: 'tok_declined', refused: undefined };
/** Everything that was answered. */
const answers: string[] = [];

let kafka: Kafka;
let producer: Producer;
let before: Map<string, Watermarks>;

beforeAll(async () => {
  kafka = openKafka('canaries');
  const client = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING });
  producer = client.producer();
  await producer.connect();
  before = new Map();
  for (const topic of await topics()) before.set(topic, await kafka.watermarks(topic));
  const all = [
    allCommands(),
    moneyAndFlows(),
    linksByMail(),
    callbackAddress(),
    addressesOfSteps(),
    strangers(),
    recordsOnTopics(),
    parkedEntity(),
  ];
  await Promise.all(all);
  await settled();
});

afterAll(async () => {
  await post(url(`/v1/operations/cart/views/cart.abandoned-carts.v1/parked/${parked}/skip`), {
    revision: 1,
    reason: 'a test',
  });
  await producer.disconnect();
  await kafka.close();
});

async function topics(): Promise<readonly string[]> {
  const admin = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const found = await admin.listTopics();
  await admin.disconnect();
  return found.filter((topic) => topic.startsWith('perdure.'));
}

/** Sends a request and keeps its answer. */
async function send(address: string, body: object, headers: Record<string, string> = {}) {
  const reply = await post(address, body, { ...wait, ...headers });
  answers.push(JSON.stringify([...reply.headers, reply.body]));
  return reply;
}

/**
 * Every public command with a canary in each marked field: some are accepted and some rejected.
 * With a field too many, all are invalid.
 */
async function allCommands(): Promise<void> {
  await Promise.all(
    contracts.map(async ({ name, plural, commands }) => {
      for (const [type, command] of Object.entries(commands)) {
        if (command.visibility !== 'public') continue;
        const body = bodyWith(personal, command.schema, `${name} ${type}`);
        const address = url(`/v1/${plural}/${id}/${routeOf(type)}`);
        await send(address, body, { 'idempotency-key': secret.plant(`key of ${name} ${type}`) });
        const more = { ...body, surplus: personal.plant(`surplus of ${name} ${type}`) };
        expect(await send(address, more)).toMatchObject({ status: 422 });
      }
    }),
  );
}

/** Commands that are accepted, a saga that is undone, flows that fail, and a mail. */
async function moneyAndFlows(): Promise<void> {
  const said = (where: string) => personal.plant(where);
  await done(send(account('open'), { owner: said('owner'), currency: 'EUR' }));
  await done(send(account('deposit'), { amount: 100, reference: said('deposit') }));
  await done(send(account('freeze'), { reason: said('freeze') }));
  await send(account('withdraw'), { amount: 1, reference: said('rejected') });
  const transfer = { from: `${id}-a`, to: `${id}-nobody`, amount: 1, currency: 'EUR' };
  await done(send(url(`/v1/transfers/${id}-t/start`), { ...transfer, reference: said('transfer') }));
  const payment = { amount: 1, currency: 'EUR', settleAfter: '1s' };
  for (const [name, card] of Object.entries(CARDS)) {
    const input = { ...payment, card: card ?? said('card'), reference: said(`${name} payment`) };
    await done(send(url(`/v1/flows/card-payment/${id}-${name}/start`), input));
  }
  await done(send(url(`/v1/carts/${id}-c/create`), { customerId: id }));
  const item = { sku: `${id}-s`, quantity: 1, unitPrice: 1, currency: 'EUR' };
  await done(send(url(`/v1/carts/${id}-c/add-item`), item));
  const to = `${said('to')}@example.com`;
  await done(send(url(`/v1/flows/cart-reminder/${id}-r/start`), { cart: `${id}-c`, to, after: '1s' }));
  await done(send(url(`/v1/carts/${id}-d/create`), { customerId: id }));
  await done(send(url(`/v1/carts/${id}-d/abandon`), { reason: said('abandoned') }));
}

/** The links of a mail: one is used, by a program and by a form, and others are refused. */
async function linksByMail(): Promise<void> {
  const subject = personal.plant('subject of an approval');
  const deadline = new Date(Date.now() + 3_600_000).toISOString();
  const asked = { subject, content: { note: personal.plant('content') }, candidates: ['user:tom'], deadline };
  await done(send(url(`/v1/approvals/${id}-l/request`), asked));
  const mails = await eventually(
    async () => (await fetch(`${process.env['MAIL_SANDBOX_URL']}/messages?to=tom@example.com`)).text(),
    (text) => text.includes(subject),
  );
  const { messages } = JSON.parse(mails) as { messages: readonly { text: string }[] };
  const mail = messages.find(({ text }) => text.includes(subject))?.text ?? '';
  const tokens = [...mail.matchAll(/^http\S+#(\S+)$/gm)].map(([, token = '']) => token);
  expect(tokens).toHaveLength(2);
  for (const token of tokens) secret.watch('token of a link', token.slice(-43));
  const address = url('/v1/approval-links');
  const [approve = '', reject = ''] = tokens;
  await done(send(address, { token: approve }));
  expect(await send(address, { token: reject })).toMatchObject({ status: 422 });
  await fetch(address, { method: 'POST', body: new URLSearchParams({ token: approve }) });
  for (const token of [secret.plant('token that is none'), `${secret.plant('payload')}.${'A'.repeat(43)}`]) {
    expect(await send(address, { token })).toMatchObject({ status: 403 });
    await fetch(address, { method: 'POST', body: new URLSearchParams({ token }) });
  }
}

/** The same token as in the address: nobody but the provider is shown that one. */
function tokenOf(of: CallbackPlace): string {
  const file = join(String(process.env[testHome]), 'secrets/callback-secret');
  return new CallbackTokens([readFileSync(file, 'utf8').trim()]).sign(of);
}

/** A callback address: handed out to a provider, reported to until its end, and once more. */
async function callbackAddress(): Promise<void> {
  const order = `${id}-o`;
  const flow = url(`/v1/flows/fulfilment/${order}`);
  const input = { order, customerId: 'asked-1', lines: [{ sku: 'cd', quantity: 1 }], timeout: '8h' };
  await done(send(`${flow}/start`, input));
  await eventually(
    () => request(`${process.env['FULFILMENT_URL']}/orders/${order}`),
    ({ status }) => status === 200,
  );
  const [of] = await eventually(
    async () => ((await request(flow)).body['waits'] ?? []) as readonly CallbackPlace[],
    (waits) => waits.length > 0,
  );
  const token = tokenOf(of ?? { place: '', until: '' });
  const [payload = '', signature = ''] = token.split('.');
  secret.watch('payload of a callback address', payload);
  secret.watch('signature of a callback address', signature);
  const address = (text: string) => url(`/v1/callback-addresses?token=${text}`);
  await done(send(address(token), { status: 'progress', progress: { stop: 1 } }));
  await done(send(address(token), { status: 'completed', result: {} }));
  const other = { status: 'failed', code: 'ORDER.LOST', detail: 'too late' };
  expect(await send(address(token), other)).toMatchObject({ status: 409 });
  expect(await send(address(`${payload}.${secret.plant('signature of ours')}`), other)).toMatchObject({
    status: 404,
  });
}

/**
 * The callback addresses of two checkouts: one is reported to, and the other one is repeated by the
 * provider, which refuses the order.
 */
async function addressesOfSteps(): Promise<void> {
  await done(send(url(`/v1/inventory/${id}-g/receive`), { quantity: 2 }));
  const gift = { sku: `${id}-g`, quantity: 1, unitPrice: 0, currency: 'EUR' };
  const sagaOf = async (mood: string) => {
    const cart = url(`/v1/carts/${id}-${mood}`);
    await done(send(`${cart}/create`, { customerId: `${mood}-${id}` }));
    await done(send(`${cart}/add-item`, gift));
    await done(send(`${cart}/checkout`, { accountId: `${id}-a` }));
    const place = `checkout-default.${checkoutOf(mood)}/step fulfil`;
    // The time before the place in a token fills whole groups of characters, so this text follows.
    secret.watch(`callback address of a checkout: ${mood}`, Buffer.from(place).toString('base64url'));
    const { body } = await eventually(
      () => request(url(`/v1/checkouts/${checkoutOf(mood)}`)),
      (reply) => /"waitingSince"|"compensated"/.test(JSON.stringify(reply.body)),
    );
    return { place, steps: body['steps'] as readonly { readonly name: string; readonly at: string }[] };
  };
  const [{ place, steps }] = await Promise.all([sagaOf('asked'), sagaOf('telling')]);
  const at = steps.find(({ name }) => name === 'fulfil')?.at ?? '';
  const token = tokenOf({ place, until: toTimestamp(Date.parse(at) + FULFILMENT_MILLISECONDS) });
  secret.watch('signature of the callback address of a checkout', token.split('.')[1] ?? '');
  const address = url(`/v1/callback-addresses?token=${token}`);
  await done(send(address, { status: 'progress', progress: { stop: 1 } }));
  await done(send(address, { status: 'completed', result: {} }));
  expect(await send(address, { status: 'progress', progress: { stop: 2 } })).toMatchObject({ status: 410 });
}

/** Credentials that are refused or accepted, and canaries in all that a stranger may write. */
async function strangers(): Promise<void> {
  const made = await send(url('/v1/api-keys'), {
    name: personal.plant('name of a key'),
    roles: ['teller'],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  answers.pop(); // the only answer that shows a secret
  const key = String(made.body['key']);
  secret.watch('API key', key.slice(-72));
  const unknown = `pk_${'0'.repeat(24)}_${randomBytes(32).toString('hex')}`;
  secret.watch('unknown API key', unknown.slice(-64));
  const checked = unknown + crc32(unknown).toString(16).padStart(8, '0');
  const token = secret.plant('token');
  const credentials = [
    `Bearer ${token}`,
    `Bearer eyJhbGciOiJFUzI1NiJ9.${secret.plant('claims')}.${secret.plant('signature')}`,
    `Bearer ${checked}`,
    `Basic ${secret.plant('password')}`,
    `Bearer ${key}`,
  ];
  const headers = Object.fromEntries(
    ['user-agent', 'referer', 'cookie', 'x-forwarded-for', 'traceparent', 'tracestate', 'if-match', 'prefer']
      .concat('idempotency-key', 'last-event-id', 'x-real-ip', 'consistency-token')
      .map((name) => [name, secret.plant(name)]),
  );
  const query = `owner=${personal.plant('filter')}&access_token=${secret.plant('query')}`;
  const paths = [
    `/v1/accounts?${query}`,
    `/v1/accounts/${id}-a?${query}`,
    `/v1/accounts/${secret.plant('path')}%20`,
    `/${secret.plant('unknown path')}`,
    `/v1/accounts/${id}-a/${secret.plant('unknown command')}`,
    `/v1/operations/account/views/${secret.plant('unknown view')}/parked`,
    `/v1/accounts?cursor=${secret.plant('cursor')}`,
  ];
  for (const authorization of [authorized()['authorization'] ?? '', ...credentials]) {
    for (const base of [url(), String(process.env['ACCOUNT_URL'])]) {
      const asked = paths.map((path) => request(base + path, { headers: { ...headers, authorization } }));
      for (const reply of await Promise.all(asked)) answers.push(JSON.stringify(reply.body));
      await send(`${base}/v1/accounts/${id}-a/deposit`, { amount: 1 }, { authorization });
    }
  }
  await request(url(`/v1/accounts/${id}-a`), { headers: { 'x-api-key': secret.plant('x-api-key') } });
  const form = { grant_type: 'password', username: 'alice', password: secret.plant('password of a user') };
  await fetch(`${process.env['AUTH_ISSUER']}/token`, { method: 'POST', body: new URLSearchParams(form) });
}

/** Records that are commands, and others that become dead letters. */
async function recordsOnTopics(): Promise<void> {
  const named = { ce_specversion: '1.0', ce_type: 'Open', perdure_replyto: replies };
  const owner = (where: string) => personal.plant(`${where} on a topic`);
  const bad = { authorization: `Bearer ${secret.plant('token on a topic')}` };
  const stray = {
    'x-api-key': secret.plant('x-api-key on a topic'),
    cookie: secret.plant('cookie on a topic'),
  };
  const records: readonly [string, Record<string, string>][] = [
    [JSON.stringify({ owner: owner('accepted'), currency: 'EUR' }), authorized()],
    [JSON.stringify({ owner: owner('invalid'), currency: 'euros' }), { ...authorized(), ...stray }],
    [JSON.stringify({ owner: owner('not admitted'), currency: 'EUR' }), bad],
    [`{"owner":"${owner('not JSON')}"`, authorized()],
    [JSON.stringify({ owner: [owner('of another type')], currency: 'EUR' }), authorized()],
  ];
  const messages = records.map(([value, headers], index) => ({
    key: `${id}-k${index}`,
    value,
    headers: { ...named, ...headers, ce_id: randomUUID() },
  }));
  await producer.send({ topic: commandsTopic('account'), messages, acks: -1 });
}

/** An entity that a view cannot fold, because a foreign hand has written its event. */
async function parkedEntity(): Promise<void> {
  const store = patientStore();
  const customerId = personal.plant('parked');
  const changedAt = since.toISOString();
  await store.append(parked, -1, [
    newEvent('CartCreated', { customerId, changedAt }),
    newEvent('CartAbandoned', {
      pieces: personal.plant('value that is no number'),
      total: 1,
      reason: personal.plant('reason of a parked one'),
    }),
  ]);
  await store.close();
}

/** Everything has happened: what was begun has ended, and is published. */
async function settled(): Promise<void> {
  const ended = (path: string) =>
    eventually(
      () => request(url(path)),
      ({ body }) => body['endedAt'] !== undefined,
    );
  await Promise.all([
    ended(`/v1/transfers/${id}-t`),
    ...Object.keys(CARDS).map((name) => ended(`/v1/flows/card-payment/${id}-${name}`)),
    ended(`/v1/flows/cart-reminder/${id}-r`),
    ended(`/v1/flows/fulfilment/${id}-o`),
    ...['asked', 'telling'].map((mood) => ended(`/v1/checkouts/${checkoutOf(mood)}`)),
    eventually(
      () => request(url(`/v1/operations/cart/views/cart.abandoned-carts.v1/parked/${parked}`)),
      ({ status }) => status === 200,
    ),
    eventually(
      () => newRecords(replies),
      ({ length }) => length >= 5,
    ),
  ]);
}

/** The records that this spec or the services have written since it began. */
async function newRecords(topic: string): Promise<readonly KafkaRecord[]> {
  const from = [...(before.get(topic) ?? [])].map(([partition, { high }]) => [partition, high] as const);
  const found: KafkaRecord[] = [];
  try {
    for await (const records of kafka.scan(topic, new Map(from))) found.push(...records);
  } catch {
    return []; // It does not exist yet.
  }
  return found;
}

const keysAndHeaders = ({ topic, raw }: KafkaRecord): string => {
  const headers = Object.entries(raw.headers).filter(
    // The producer has put its token here, and only the service reads it.
    ([name]) =>
      topic !== commandsTopic('account') || !['authorization', 'x-api-key', 'cookie'].includes(name),
  );
  return `${String(raw.key)} ${headers.map(([name, values]) => `${name}: ${values.map(String).join()}`).join()}`;
};

/** Fails with the place of each canary that is found, and the texts around it. */
function expectNone(texts: readonly string[], ...kinds: readonly Canaries[]): void {
  const found = texts.flatMap((text) => {
    const places = kinds.flatMap((canaries) => canaries.in(text));
    return places.length > 0 ? [`${places.join(', ')}: ${text.slice(0, 1_500)}`] : [];
  });
  expect(found).toEqual([]);
}

describe('canaries', () => {
  it('are in each marked field that a caller can send', () => {
    expect(personal.places.length).toBeGreaterThan(40);
    expect(new Set(personal.places)).toContain('cartReminder Start/to');
  });

  it('are in no log of a service', () => {
    const folder = join(String(process.env[testHome]), 'logs');
    const own = [...SERVICES.map(({ name }) => name), 'console', 'issuer'];
    const files = readdirSync(folder).filter((file) => own.some((name) => file.startsWith(`${name}.log`)));
    expect(files.length).toBeGreaterThanOrEqual(own.length);
    const lines = files.flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .map((line) => `${file}: ${line}`),
    );
    // Refused requests, dead letters and the parked entity were logged: the right files are read.
    for (const message of ['a request was not admitted', 'put aside', 'is parked in this view']) {
      expect(lines.some((line) => line.includes(message))).toBe(true);
    }
    expectNone(lines, personal, secret);
  });

  it('are in no metric', async () => {
    const addresses = [
      ...SERVICES.map(({ name }) => String(process.env[variableOf(name, 'URL')])),
      String(process.env['PERDURE_URL']),
    ];
    const texts = await Promise.all(
      addresses.map(async (address) => (await fetch(`${address}/metrics`)).text()),
    );
    expect(texts.join('')).toContain('perdure_credentials_refused_total');
    expectNone(
      texts.flatMap((text) => text.split('\n')),
      personal,
      secret,
    );
  });

  it('are in nothing that Temporal shows of a workflow', async () => {
    const client = connectTemporal({
      address: String(process.env['TEMPORAL_ADDRESS']),
      namespace: 'default',
    });
    const shown = await shownByTemporal(client, since);
    await client.connection.close();
    const all = shown.join('');
    // Summaries and search attributes are read, and so is the message of an attempt that failed.
    expect(all).toContain(`"account ${id}-a"`);
    expect(all).toContain('the card provider answers 503');
    expectNone(shown, personal, secret);
  });

  it('are on topics in the values of records only, and no secret is there', async () => {
    const records: KafkaRecord[] = [];
    for (const topic of await topics()) records.push(...(await newRecords(topic)));
    const values = records.map(({ value = '' }) => value);
    const published = records
      .filter(({ topic }) => topic === eventsTopic('account'))
      .map(({ value = '' }) => value);
    expect(personal.in(published.join(''))).toEqual(expect.arrayContaining(['owner', 'deposit', 'freeze']));
    expect(new Set(records.map(({ topic }) => topic))).toContain(`${commandsTopic('account')}.dlq`);
    expectNone(records.map(keysAndHeaders), personal, secret);
    expectNone(values, secret);
  });

  it('are in no table, if they are secret', async () => {
    const pool = openPool();
    const { rows } = await pool.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema IN ('read_model', 'identity') AND table_type = 'BASE TABLE'`,
    );
    const texts: string[] = [];
    for (const { name } of rows) {
      const found = await pool.query<{ row: string }>(
        `SELECT t::text AS row FROM ${name} AS t WHERE t::text LIKE $1 OR t::text LIKE $2`,
        ['%canary-%', `%${id}%`],
      );
      texts.push(...found.rows.map(({ row }) => `${name}: ${row}`));
    }
    await pool.end();
    expect(personal.in(texts.join(''))).toContain('owner');
    expectNone(texts, secret);
  });

  it('are in nothing that is shown of a checkout, if they are secret', async () => {
    const saga = (mood: string) => `/v1/checkouts/${checkoutOf(mood)}`;
    const paths = ['asked', 'telling'].flatMap((mood) => [saga(mood), `${saga(mood)}/events`]);
    const texts = await Promise.all(
      [...paths, '/v1/checkouts?limit=200', '/v1/inbox?limit=200'].map(async (path) => {
        const { status, body } = await request(url(path));
        expect(status).toBe(200);
        return `${path}: ${JSON.stringify(body)}`;
      }),
    );
    // The provider's words are shown, with a text that stands for the address.
    expect(texts.join('')).toContain(`no deliveries to callback-address:checkout-default.${id}-telling`);
    expectNone(texts, secret);
  });

  it('are not told by the doctor, nor by the reason for which an entity is parked', async () => {
    const headers = { ...authorized(), 'content-type': 'application/json' };
    const doctored = async (service: string, stream: string) => {
      const body = JSON.stringify({ stream });
      const address = url(`/v1/operations/${service}/doctor`);
      return (await fetch(address, { method: 'POST', headers, body })).text();
    };
    const told = [await doctored('account', `account-default.${id}-a`), await doctored('cart', parked)];
    for (const text of told) expect(text).toContain('"kind":"done"');
    const { body } = await request(url('/v1/operations/cart/views/cart.abandoned-carts.v1/parked'));
    const list = body['data'] as { readonly stream: string; readonly reason: string }[];
    const reason = list.find(({ stream }) => stream === parked)?.reason ?? '';
    expect(reason).toContain('invalid input syntax for type bigint');
    expectNone([...told, reason], personal, secret);
  });
});

it('no answer, reply or dead letter has a stack trace', async () => {
  const records = [...(await newRecords(replies)), ...(await newRecords(`${commandsTopic('account')}.dlq`))];
  const texts = [...answers, ...records.flatMap((record) => [keysAndHeaders(record), record.value ?? ''])];
  expect(texts.length).toBeGreaterThan(200);
  expect(texts.filter((text) => /\bat \S+ \(|node:internal|node_modules|\.[jt]s:\d+/.test(text))).toEqual([]);
});
