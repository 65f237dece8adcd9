import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { killServer } from '#tools/dev-stack/kill-server.js';
import { authorized } from '#libs/testing/authorized.js';
import { allAnswer, command, eventually, insist, request } from '../support/account-rest.js';
import { depthOf } from '../support/depth.js';
import { EventSource } from '../support/event-source.js';

const url = (): string => String(process.env['PERDURE_URL']);
const direct = (): string => String(process.env['ACCOUNT_URL']);
const wait = { prefer: 'wait=20' };

const sources: EventSource[] = [];
afterEach(() => Promise.all(sources.splice(0).map((source) => source.close())));

function listen(address: string): EventSource {
  const source = new EventSource(address);
  sources.push(source);
  return source;
}

async function openAccount(): Promise<string> {
  const id = `feed-${randomUUID()}`;
  await insist(url(), id, 'open', 'open', { owner: 'Feed', currency: 'EUR' }, wait);
  return id;
}

async function pay(id: string, times: number): Promise<void> {
  for (let paid = 0; paid < times; paid += 1) {
    await insist(url(), id, 'deposit', randomUUID(), { amount: 1 }, wait);
  }
}

/** The revisions that a source received of an entity, once there are this many. */
async function revisions(source: EventSource, id: string, count: number): Promise<unknown[]> {
  const ofEntity = () => source.heard.filter(({ data }) => data['entityId'] === id);
  const heard = await eventually(
    async () => ofEntity(),
    ({ length }) => length >= count,
    90_000,
    50,
  );
  return heard.map(({ data }) => data['revision']);
}

const upTo = (last: number) => Array.from({ length: last + 1 }, (_, revision) => revision);
const feed = { ...authorized(), accept: 'text/event-stream' };

/** A metric of the account service, or undefined while it does not answer. */
async function gauge(name: string): Promise<number | undefined> {
  const metrics = await fetch(`${direct()}/metrics`).then(
    (reply) => reply.text(),
    () => undefined,
  );
  if (metrics === undefined) return undefined;
  return Number(
    new RegExp(`^${name}\\{[^}]*category="account"[^}]*\\} (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0,
  );
}

const isAtLeast = (wanted: number) => (count: number | undefined) => (count ?? 0) >= wanted;

describe('the feed of an account', () => {
  it('delivers past and new events, like the pages', async () => {
    const id = await openAccount();
    await pay(id, 2);
    const source = listen(`${url()}/v1/accounts/${id}/events`);
    expect(await revisions(source, id, 3)).toEqual(upTo(2));
    await pay(id, 2);
    expect(await revisions(source, id, 5)).toEqual(upTo(4));
    const pages = await request(`${url()}/v1/accounts/${id}/events`);
    expect(source.heard.map(({ data }) => data)).toEqual(pages.body['data']);
    expect(source.heard.map(({ event }) => event)).toEqual(source.heard.map(({ data }) => data['type']));
    expect(source.heard.map(({ id: eventId }) => eventId)).toEqual(upTo(4).map(String));
  });

  it('must not be cached, and has a retry interval', async () => {
    const id = await openAccount();
    const stop = new AbortController();
    const response = await fetch(`${url()}/v1/accounts/${id}/events`, {
      headers: feed,
      signal: stop.signal,
    });
    const first = await response.body?.getReader().read();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(new TextDecoder().decode(first?.value)).toMatch(/^retry: \d+\n\n/);
    stop.abort();
  });

  it.each([
    ['an id that is no revision', { 'last-event-id': 'x' }, '', 400, 'REQUEST.INVALID_HEADER'],
    ['a revision that is not there yet', { 'last-event-id': '7' }, '', 400, 'REQUEST.INVALID_HEADER'],
    ['a place that is none', {}, '?after=-1', 400, 'REQUEST.INVALID_QUERY'],
    ['a parameter that is not known', {}, '?limits=1', 400, 'REQUEST.INVALID_QUERY'],
  ])('is refused from %s', async (_, headers, query, status, code) => {
    const id = await openAccount();
    const reply = await request(`${url()}/v1/accounts/${id}/events${query}`, {
      headers: { ...feed, ...headers },
    });
    expect(reply).toMatchObject({ status, body: { code } });
  });

  it('is not found for an unknown account', async () => {
    const reply = await request(`${url()}/v1/accounts/nobody-${randomUUID()}/events`, { headers: feed });
    expect(reply).toMatchObject({ status: 404, body: { code: 'ENTITY.NOT_FOUND' } });
  });
});

describe('the feed of all accounts', () => {
  it('begins where it is asked to, and leaves the account of its name alone', async () => {
    const source = listen(`${url()}/v1/accounts/events?after=end`);
    await eventually(
      async () => source.connections,
      (count) => count === 1,
    );
    await eventually(() => gauge('perdure_feed_listeners'), isAtLeast(1));
    await insist(url(), 'events', 'open', 'open', { owner: 'Feed', currency: 'EUR' }, wait);
    const id = await openAccount();
    expect(await revisions(source, id, 1)).toEqual([0]);
    expect(source.heard.map(({ data }) => data['entityId'])).toEqual(expect.arrayContaining(['events', id]));
    expect((await request(`${url()}/v1/accounts/events`)).body).toMatchObject({
      id: 'events',
      owner: 'Feed',
    });
  });
});

describe('a thousand listeners', () => {
  it('hear the same, over one subscription', async () => {
    const id = await openAccount();
    const addresses = [`/v1/accounts/${id}/events`, '/v1/accounts/events?after=end'];
    const ears: EventSource[] = [];
    for (let group = 1; group <= 10; group += 1) {
      for (let count = 0; count < 100; count += 1) ears.push(listen(`${direct()}${addresses[count % 2]}`));
      await eventually(() => gauge('perdure_feed_listeners'), isAtLeast(group * 100), 120_000);
    }
    await pay(id, 3);
    for (const [index, ear] of ears.entries()) {
      const all = upTo(3);
      expect(await revisions(ear, id, index % 2 === 0 ? 4 : 3)).toEqual(index % 2 === 0 ? all : all.slice(1));
    }
    expect(await gauge('perdure_feed_subscriptions')).toBe(1);
    await Promise.all(sources.splice(0).map((source) => source.close()));
    await eventually(
      () => gauge('perdure_feed_subscriptions'),
      (count) => count === 0,
    );
    expect(await gauge('perdure_feed_listeners')).toBe(0);
  }, 240_000);
});

describe('while the processes behind a feed are killed', () => {
  it.each(['account', 'event-store', 'console'] as const)(
    'kill -9 of the %s loses nothing and repeats nothing',
    async (part) => {
      const id = await openAccount();
      const ears = [listen(`${url()}/v1/accounts/${id}/events`), listen(`${url()}/v1/accounts/events`)];
      let paid = 0;
      for (let kill = 0; kill < depthOf('KILLS'); kill += 1) {
        await pay(id, 3);
        killServer(part);
        await pay(id, 3);
        paid += 6;
        for (const ear of ears) expect(await revisions(ear, id, paid + 1)).toEqual(upTo(paid));
        await allAnswer([`${url()}/health/ready`]);
      }
      if (part !== 'event-store') for (const ear of ears) expect(ear.connections).toBeGreaterThan(1);
    },
    240_000,
  );
});

describe('a service that is shutting down', () => {
  it('ends its feeds and does not wait for them', async () => {
    const id = await openAccount();
    const source = listen(`${direct()}/v1/accounts/${id}/events`);
    await revisions(source, id, 1);
    const ended = new Promise<boolean>((resolve) => {
      get(`${direct()}/v1/accounts/${id}/events`, { headers: feed }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.complete));
        response.once('error', () => resolve(false));
      });
    });
    await eventually(() => gauge('perdure_feed_listeners'), isAtLeast(2));
    killServer('account', 'SIGTERM');
    expect(await ended).toBe(true);
    await eventually(
      () => command(url(), id, 'deposit', { amount: 1 }, wait),
      ({ status }) => status === 200,
    );
    expect((await revisions(source, id, 2)).slice(0, 2)).toEqual([0, 1]);
  }, 120_000);
});
