import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { commandsTopic } from '#contracts/entity-contract.js';
import { authorized } from '#libs/testing/authorized.js';
import { brokers } from '../integration/read-path-kit.js';
import { command, eventually, post } from '../support/account-rest.js';
import { drawnTrace } from '../support/drawn-trace.js';
import { accountMetrics } from '../support/metrics.js';
import { done, ended, shop, type Shop, url, wait } from '../support/shop.js';
import { type CollectedSpan, SpanCollector } from '../support/span-collector.js';

const collector = new SpanCollector();

/** A new trace of a sender that wants it recorded. */
function newTrace() {
  const trace = randomBytes(16).toString('hex');
  const span = randomBytes(8).toString('hex');
  return { trace, span, headers: { traceparent: `00-${trace}-${span}-01` } };
}

/** Which of these names no span of the trace has. */
const missing = (spans: readonly CollectedSpan[], names: readonly string[]): readonly string[] =>
  names.filter((wanted) => !spans.some(({ service, name }) => `${service}: ${name}` === wanted));

async function openAccount(): Promise<string> {
  const account = `traced-${randomUUID()}`;
  await done(command(url(), account, 'open', { owner: 'Traced Person', currency: 'EUR' }, wait));
  return account;
}

beforeAll(() => collector.listen());
afterAll(() => collector.close());

describe('a purchase is one trace', () => {
  const { trace, span, headers } = newTrace();
  let bought: Shop;
  let spans: readonly CollectedSpan[];

  /** Of each service that takes part: what it decides, appends, publishes and projects. */
  const PASSED = [
    'console: POST /v1/carts/*',
    'cart: POST /v1/carts/:id/checkout',
    'cart: send Checkout',
    'cart: decide Checkout',
    'cart: append',
    'cart: send perdure.cart.events.v1',
    'cart: process perdure.cart.events.v1',
    'cart: transaction',
    'cart: send perdure.checkout.events.v1',
    'cart: process perdure.checkout.events.v1',
    'cart: send PlaceHold',
    'account: decide PlaceHold',
    'account: append',
    'account: send perdure.account.events.v1',
    'account: process perdure.account.events.v1',
    'account: transaction',
    'inventory: decide Reserve',
    'inventory: append',
    'inventory: send perdure.inventory.events.v1',
    'inventory: process perdure.inventory.events.v1',
    'inventory: transaction',
  ];

  beforeAll(async () => {
    bought = await shop({ customer: 'traced-customer' });
    const checkOut = url(`/v1/carts/${bought.cart}/checkout`);
    await done(post(checkOut, { accountId: bought.account }, { ...wait, ...headers }));
    expect((await ended(bought)).body).toMatchObject({ status: 'completed' });
    spans = await eventually(
      async () => collector.of(trace),
      (found) => missing(found, PASSED).length === 0 && isConnected(found),
    ).catch(() => collector.of(trace));
  });

  /** Every parent is there, but that of the first, which is the sender's. */
  function isConnected(found: readonly CollectedSpan[]): boolean {
    const ids = new Set(found.map(({ spanId }) => spanId));
    return found.every(({ parentSpanId }) => ids.has(parentSpanId) || parentSpanId === span);
  }

  it('from the request to the rows of every service', () => {
    expect(missing(spans, PASSED)).toEqual([]);
    if (process.env['TRACE_DRAWING'] !== undefined) {
      writeFileSync(process.env['TRACE_DRAWING'], `${drawnTrace(spans)}\n`);
    }
  });

  it('whose spans are connected, and begin with that of the sender', () => {
    expect(spans.filter(({ parentSpanId }) => parentSpanId === span)).toHaveLength(1);
    expect(isConnected(spans)).toBe(true);
  });

  it('whose rows come after their events, and these after their command', () => {
    const parents = new Map(spans.map((each) => [each.spanId, each]));
    const ancestors = (of: CollectedSpan): readonly string[] => {
      const parent = parents.get(of.parentSpanId);
      return parent ? [parent.name, ...ancestors(parent)] : [];
    };
    const rows = spans.find(({ name, service }) => service === 'account' && name === 'transaction');
    const way = [
      'process perdure.account.events.v1',
      'send perdure.account.events.v1',
      'decide PlaceHold',
      'send PlaceHold',
      'effect PlaceHold',
    ];
    const passed = ancestors(rows as CollectedSpan).filter((name) => !/^(process|send) batch$/.test(name));
    expect(passed.slice(0, way.length)).toEqual(way);
    expect(passed.at(-1)).toBe('console: POST /v1/carts/*'.slice('console: '.length));
  });

  it('without personal data, and with the attributes of the conventions', () => {
    const text = JSON.stringify(spans);
    for (const value of ['traced-customer', 'authorization', 'Bearer']) expect(text).not.toContain(value);
    const named = (name: string) => spans.find((each) => each.name === name)?.attributes;
    expect(named('POST /v1/carts/:id/checkout')).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/carts/:id/checkout',
      'http.response.status_code': 200,
    });
    expect(named('decide PlaceHold')).toMatchObject({
      'perdure.entity': `account-default.${bought.account}`,
      'perdure.outcome': 'accepted',
      temporalWorkflowId: `account-default.${bought.account}`,
    });
    expect(named('append')).toMatchObject({
      'db.system.name': 'eventstoredb',
      'db.operation.name': 'append',
    });
    expect(named('send perdure.account.events.v1')).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'perdure.account.events.v1',
    });
    expect(named('transaction')).toMatchObject({ 'db.system.name': 'postgresql' });
  });
});

it('commands of several traces that are decided, published and projected together are linked', async () => {
  const account = await openAccount();
  const traces = Array.from({ length: 40 }, newTrace);
  await Promise.all(
    traces.map(({ headers }) => done(command(url(), account, 'deposit', { amount: 1 }, headers))),
  );
  const own = new Set(traces.map(({ trace }) => trace));
  const linkedWith = (name: string): readonly CollectedSpan[] =>
    collector.spans.filter(
      ({ name: called, links, traceId }) =>
        called === name && !own.has(traceId) && links.filter((link) => own.has(link.traceId)).length > 1,
    );
  const names = ['decide batch', 'send batch', 'process batch'];
  await eventually(
    async () => names.filter((name) => linkedWith(name).length === 0),
    (without) => without.length === 0,
  );
  const projected = 'process perdure.account.events.v1';
  await eventually(
    async () => traces.filter(({ trace }) => !collector.of(trace).some(({ name }) => name === projected)),
    (without) => without.length === 0,
  );
  const [batch] = linkedWith('decide batch');
  const members = batch?.links.map(({ spanId }) => collector.spans.find((span) => span.spanId === spanId));
  for (const member of members ?? []) {
    expect(member).toMatchObject({ name: 'decide Deposit', links: [{ spanId: batch?.spanId }] });
  }
});

it('a command from Kafka continues the trace of its producer', async () => {
  const account = await openAccount();
  const { trace, span, headers } = newTrace();
  const producer = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  const named = { ce_specversion: '1.0', ce_type: 'Deposit', ce_subject: account, ce_id: randomUUID() };
  const value = JSON.stringify({ amount: 5 });
  const messages = [{ key: account, value, headers: { ...authorized(), ...named, ...headers } }];
  await producer.send({ topic: commandsTopic('account'), messages });
  await producer.disconnect();
  const passed = [
    'account: process perdure.account.commands.v1',
    'account: send Deposit',
    'account: decide Deposit',
    'account: process perdure.account.events.v1',
  ];
  const spans = await eventually(
    async () => collector.of(trace),
    (found) => missing(found, passed).length === 0,
  );
  const first = spans.filter(({ parentSpanId }) => parentSpanId === span).map(({ name }) => name);
  expect(first).toEqual(['process perdure.account.commands.v1']);
});

it('what the sender does not want recorded is not', async () => {
  const account = await openAccount();
  const unwanted = newTrace();
  const wanted = newTrace();
  const flags = { traceparent: unwanted.headers.traceparent.replace(/01$/, '00') };
  await done(command(url(), account, 'deposit', { amount: 1 }, { ...wait, ...flags }));
  await done(command(url(), account, 'deposit', { amount: 1 }, { ...wait, ...wanted.headers }));
  await eventually(
    async () => missing(collector.of(wanted.trace), ['account: process perdure.account.events.v1']),
    (without) => without.length === 0,
  );
  expect(collector.of(unwanted.trace)).toEqual([]);
});

it('a collector that is away costs spans, which are counted, and no command', async () => {
  const account = await openAccount();
  await collector.close();
  const { headers } = newTrace();
  await done(command(url(), account, 'deposit', { amount: 7 }, { ...wait, ...headers }));
  await accountMetrics([/^perdure_trace_spans_total\{result="failed",service="account"\} [1-9]/m]);
  await collector.listen();
  const later = newTrace();
  await done(command(url(), account, 'deposit', { amount: 7 }, { ...wait, ...later.headers }));
  await eventually(
    async () => missing(collector.of(later.trace), ['account: decide Deposit']),
    (without) => without.length === 0,
  );
});
