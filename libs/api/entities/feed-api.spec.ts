import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { AnonymousAuthenticator, Authenticator } from '#libs/identity/authenticator.js';
import { accountContract } from '#contracts/account/account.contract.js';
import type { DomainEvent } from '#libs/core/decider.js';
import { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { DryRuns } from '#libs/entity/gateway/dry-runs.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { EntityHistory } from '#libs/entity/gateway/entity-history.js';
import { StageFinder } from '#libs/entity/memory/stage-finder.js';
import { entityControllers } from './entity-controllers.js';
import { AccessControl } from '../http/access-control.provider.js';
import { EndingRequests } from '../http/ending-requests.provider.js';
import { createHttpApp } from '../http/http-app.js';
import { RequestLog } from '../http/problem.filter.js';
import { sseFrames } from '../http/sse-frames.js';

const logger = pino({ level: 'silent' });
const store = new MemoryEventStore();
const feeds = new EventFeeds(store, logger);
const feed = { accept: 'text/event-stream' };

let app: NestFastifyApplication;
let url: string;
const answering = new Set<ServerResponse>();
beforeAll(async () => {
  const gateway = { state: async () => ({ revision: 0, state: {} }) };
  class FeedModule {}
  const controllers = [...entityControllers(accountContract, () => ({}))];
  const providers = [
    EndingRequests,
    { provide: Authenticator, useClass: AnonymousAuthenticator },
    AccessControl,
    { provide: RequestLog, useValue: { logger } },
    { provide: EntityGateway, useValue: gateway },
    { provide: EventFeeds, useValue: feeds },
    { provide: StageFinder, useValue: undefined },
    { provide: DryRuns, useValue: undefined },
    { provide: EntityHistory, useValue: undefined },
  ];
  app = await createHttpApp({ module: FeedModule, controllers, providers }, logger);
  app.getHttpServer().on('request', (_, response) => {
    answering.add(response);
    response.once('close', () => answering.delete(response));
  });
  await app.listen(0, '127.0.0.1');
  url = `${await app.getUrl()}/v1/accounts`;
  await write('alice', 2);
});
afterAll(async () => {
  expect(answering.size).toBe(0);
  await feeds.close();
  // Node's fetch leaves a connection open on which it never sent a request.
  app.getHttpServer().closeAllConnections();
  await app.close();
});

async function write(id: string, count: number): Promise<void> {
  const stream = `account-default.${id}`;
  for (let written = 0; written < count; written += 1) {
    const eventId = randomUUID();
    const ids = { commandId: eventId, $correlationId: eventId, $causationId: eventId };
    const metadata = {
      ...ids,
      actor: 'tester',
      at: '2026-01-01T00:00:00.000Z',
      index: 0,
      count: 1,
      schemaVersion: 1,
    };
    const event = { id: eventId, type: 'MoneyDeposited', data: { text: 'a\nb' }, metadata };
    await store.append(stream, store.eventsOf(stream).length - 1, [event]);
  }
}

/** Listens until the received text contains the line this many times. */
async function hear(path: string, line: RegExp, count: number, headers = {}): Promise<string> {
  const stop = new AbortController();
  const response = await fetch(`${url}${path}`, { headers: { ...feed, ...headers }, signal: stop.signal });
  expect(response.status).toBe(200);
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if ([...text.matchAll(line)].length >= count) break;
  }
  stop.abort();
  return text;
}

const ids = (text: string) => [...text.matchAll(/^id: (\d+)\nevent: MoneyDeposited\ndata: (.*)\n\n/gm)];

it('sends an event in the form of the pages, on one line whatever it contains', async () => {
  const text = await hear('/alice/events', /^data/gm, 2);
  expect(text).toMatch(/^retry: 2000\n\n/);
  const [first] = ids(text);
  expect(JSON.parse(first![2]!)).toMatchObject({ entityId: 'alice', revision: 0, data: { text: 'a\nb' } });
  expect(ids(text).map(([, id]) => id)).toEqual(['0', '1']);
});

it('resumes after the id in the header, whatever the address says', async () => {
  const text = await hear('/alice/events?after=start', /^data/gm, 1, { 'last-event-id': '0' });
  expect(ids(text).map(([, id]) => id)).toEqual(['1']);
});

it('names its start when there is no event yet', async () => {
  const { position } = store.eventsOf('account-default.alice').at(-1)!;
  expect(await hear('/events?after=end', /^id/gm, 1)).toContain(`id: ${position}\n\n`);
});

it('gives an id to resume from while the store is empty', async () => {
  const empty = new EventFeeds(new MemoryEventStore(), logger);
  const open = await empty.ofCategory('account', 'account-default.', 'end');
  const frames = sseFrames(open);
  await frames.next();
  const { value } = await frames.next();
  expect(value).toBe(': still here\nid: start\n\n');
  await empty.close();
  expect(ids(await hear('/events', /^data/gm, 2, { 'last-event-id': 'start' }))).toHaveLength(2);
});

it('shows events through a mask to some listeners, and as they are to others', async () => {
  const mask = { event: <E extends DomainEvent>(event: E) => ({ ...event, data: {} }), view: () => ({}) };
  const read = async (through?: typeof mask) => {
    const open = await feeds.ofCategory('account', 'account-default.', 'start');
    const frames = sseFrames(open, through);
    await frames.next();
    const { value } = await frames.next();
    open.close();
    return String(value);
  };
  for (const through of [mask, undefined, mask]) {
    expect((await read(through)).includes('"data":{}')).toBe(through !== undefined);
  }
});

describe('without a wish for a feed', () => {
  it.each([{}, { accept: '*/*' }, { accept: 'text/event-stream;q=0, application/json' }])(
    'an account named events is answered to %j',
    async (headers) => {
      const reply = await fetch(`${url}/events`, { headers });
      expect(await reply.json()).toEqual({ id: 'events', revision: 0 });
    },
  );
});

it.each([
  ['/nobody/events', {}, 404, 'ENTITY.NOT_FOUND'],
  ['/alice/events', { 'last-event-id': '2' }, 400, 'REQUEST.INVALID_HEADER'],
  ['/alice/events', { 'last-event-id': '-1' }, 400, 'REQUEST.INVALID_HEADER'],
  ['/alice/events?after=2', {}, 400, 'REQUEST.INVALID_QUERY'],
  ['/alice/events?cursor=', {}, 400, 'REQUEST.INVALID_QUERY'],
  ['/events', { 'last-event-id': '999999999999' }, 400, 'REQUEST.INVALID_HEADER'],
  ['/events', { 'last-event-id': '1' }, 400, 'REQUEST.INVALID_HEADER'],
  ['/events?after=1', {}, 400, 'REQUEST.INVALID_QUERY'],
  ['/%20/events', {}, 400, 'REQUEST.INVALID_ID'],
])('%s with %j is answered %i', async (path, headers, status, code) => {
  const reply = await fetch(`${url}${path}`, { headers: { ...feed, ...headers } });
  expect(reply.status).toBe(status);
  expect(await reply.json()).toMatchObject({ code });
});

it('a feed whose listener has gone is closed', async () => {
  await hear('/alice/events', /^data/gm, 1);
  while (store.subscriptions.open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});
