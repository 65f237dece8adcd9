import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ClientOptions, createPerdureClient } from './client.js';
import { CLIENT_CODES, PerdureProblem } from './perdure-problem.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Requests as the server got them. */
interface Got {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

const got: Got[] = [];
/** Each request takes the next; the last one answers all others. */
let answers: Answer[] = [];
let server: Server;
beforeEach(async () => {
  got.length = 0;
  server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const json =
  (status: number, body: object, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const away = json(503, { code: 'ENGINE.UNAVAILABLE', detail: 'cart service does not answer' });
const breakOff: Answer = (request) => request.socket.destroy();
const events =
  (text: string): Answer =>
  (_, response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text);

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += String(part);
  const { method, url: path, headers } = request;
  got.push({ method, path, headers, body: text === '' ? undefined : JSON.parse(text) });
  const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers;
  answer?.(request, response);
}

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const QUICK = { attempts: 4, firstMilliseconds: 1, mostMilliseconds: 2 };
const client = (options: Partial<ClientOptions> = {}) =>
  createPerdureClient({ url: url(), token: 'secret', retries: QUICK, ...options });
const alice = (options?: Partial<ClientOptions>) => client(options).entity('account', 'alice');
const accepted = {
  id: 'alice',
  status: 'accepted',
  commandId: 'c-1',
  revision: 3,
  events: ['MoneyDeposited'],
};
const token = { 'consistency-token': 'account-default.alice@3' };

/** The problem that a promise rejects with. */
async function problemOf(asked: Promise<unknown>): Promise<PerdureProblem> {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PerdureProblem)) throw new TypeError('no problem', { cause: error });
  return error;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('a command', () => {
  it('goes to the route of its contract, with key, revision, correlation and token', async () => {
    answers = [json(202, { id: 'cd/1', commandId: 'c-1', status: 'pending' })];
    const item = client().entity('inventory', 'cd/1');
    const sent = await item.send('Receive', { quantity: 1 }, { key: 'k', ifRevision: 4, correlationId: 'x' });
    expect(sent).toMatchObject({ commandId: 'c-1', status: 'pending' });
    expect(got).toMatchObject([
      {
        method: 'POST',
        path: '/v1/inventory/cd%2F1/receive',
        body: { quantity: 1 },
        headers: {
          authorization: 'Bearer secret',
          'content-type': 'application/json',
          'idempotency-key': 'k',
          'if-match': '"4"',
          'x-correlation-id': 'x',
        },
      },
    ]);
    expect(got[0]?.headers).not.toHaveProperty('prefer');
  });

  it('is named in kebab case, in flows too', async () => {
    answers = [json(202, {})];
    await alice().send('PlaceHold', { holdId: 'h', amount: 1 });
    await client().entity('cardPayment', 'p').send('Cancel', { reason: 'rain' });
    expect(got.map(({ path }) => path)).toEqual([
      '/v1/accounts/alice/place-hold',
      '/v1/flows/card-payment/p/cancel',
    ]);
  });

  it('is retried under one key while nobody answers', async () => {
    answers = [
      breakOff,
      away,
      json(429, {}),
      json(200, accepted, { ...token, 'idempotent-replayed': 'true' }),
    ];
    const executed = await alice().execute('Deposit', { amount: 1 });
    expect(executed).toMatchObject({ revision: 3, isReplayed: true, token: token['consistency-token'] });
    const keys = new Set(got.map(({ headers }) => headers['idempotency-key']));
    expect([got.length, keys.size]).toEqual([4, 1]);
    expect([...keys][0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is repeated under its key while it is not decided', async () => {
    answers = [json(202, { commandId: 'c-1', status: 'pending' }), json(200, accepted, token)];
    expect(await alice().execute('Deposit', { amount: 1 }, { key: 'k' })).toMatchObject({
      isReplayed: false,
    });
    expect(got.map(({ headers }) => [headers['idempotency-key'], headers['prefer']])).toEqual([
      ['k', 'wait=30'],
      ['k', 'wait=30'],
    ]);
  });

  it('that is not decided in time is a problem that names it', async () => {
    answers = [json(202, { commandId: 'c-1', status: 'pending' })];
    const problem = await problemOf(alice().execute('Deposit', { amount: 1 }, { seconds: 0 }));
    expect(problem).toMatchObject({ code: CLIENT_CODES.undecided, members: { commandId: 'c-1' } });
  });

  it('that is rejected is a problem, which is not retried', async () => {
    const errors = [{ pointer: '/amount', detail: 'must be > 0' }];
    answers = [
      json(409, { code: 'ACCOUNT.FROZEN', title: 'Frozen', detail: 'is frozen', traceId: 't', errors }),
    ];
    const problem = await problemOf(alice().execute('Deposit', { amount: 1 }));
    expect(problem).toMatchObject({
      status: 409,
      code: 'ACCOUNT.FROZEN',
      detail: 'is frozen',
      traceId: 't',
      errors,
    });
    expect(problem.message).toBe('ACCOUNT.FROZEN: is frozen');
    expect(got).toHaveLength(1);
  });

  it('is given up after the last attempt', async () => {
    answers = [away];
    expect(await problemOf(alice().send('Close', {}))).toMatchObject({
      status: 503,
      code: 'ENGINE.UNAVAILABLE',
    });
    expect(got).toHaveLength(QUICK.attempts);
  });

  it('ends with the signal of its sender', async () => {
    answers = [away];
    const stop = new AbortController();
    const retries = { attempts: 9, firstMilliseconds: 60_000, mostMilliseconds: 60_000 };
    const sent = alice({ retries }).send('Close', {}, { signal: stop.signal });
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(sent).rejects.toThrow('enough');
  });
});

describe('a problem', () => {
  it('says that nothing answers', async () => {
    const problem = await problemOf(alice({ url: 'http://127.0.0.1:1' }).state());
    expect(problem).toMatchObject({ status: 0, code: CLIENT_CODES.unreachable });
  });

  it('says that an answer takes too long', async () => {
    answers = [() => undefined];
    const impatient = alice({ patienceMilliseconds: 20, retries: { attempts: 1 } });
    expect(await problemOf(impatient.state())).toMatchObject({ code: CLIENT_CODES.unreachable });
  });

  it('has the status of an answer that is not JSON', async () => {
    answers = [(_, response) => response.writeHead(404).end('<html>')];
    expect(await problemOf(alice().state())).toMatchObject({ status: 404, code: 'HTTP 404' });
  });
});

describe('a state', () => {
  it('is undefined only if the entity does not exist', async () => {
    answers = [json(404, { code: 'ENTITY.NOT_FOUND' }), json(403, { code: 'ACCESS.DENIED' })];
    expect(await alice().find()).toBeUndefined();
    expect(await problemOf(alice().find())).toMatchObject({ code: 'ACCESS.DENIED' });
  });

  it('is asked for with the token of the moment', async () => {
    answers = [away, json(200, { id: 'alice', balance: 5 })];
    let number = 0;
    expect(await alice({ token: () => `token-${(number += 1)}` }).state()).toMatchObject({ balance: 5 });
    expect(got.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('is asked for again if its answer is interrupted', async () => {
    const half: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"id":');
      setImmediate(() => response.destroy());
    };
    answers = [half, json(200, { id: 'alice' })];
    expect(await alice().state()).toEqual({ id: 'alice' });
  });

  it('is not asked of an unknown category', () => {
    expect(() => client().entity('ship' as never, 'a')).toThrow('ship');
  });
});

describe('a receipt', () => {
  const stages = (state: string) => ({ decided: { state: 'done' }, projected: [{ view: 'v', state }] });
  const at = (state: string) => json(200, { ...accepted, stages: stages(state) });

  it('is waited for as long as asked, in several requests', async () => {
    answers = [at('waiting'), at('done')];
    const receipt = await alice().receipt('saga/step', { until: 'projected', seconds: 40 });
    expect(receipt.stages.projected).toEqual([{ view: 'v', state: 'done' }]);
    expect(got.map(({ path, headers }) => [path, headers['prefer']])).toEqual([
      ['/v1/accounts/alice/commands/saga%2Fstep?until=projected', 'wait=30'],
      ['/v1/accounts/alice/commands/saga%2Fstep?until=projected', 'wait=30'],
    ]);
  });

  it('is returned as it stands by default', async () => {
    answers = [json(200, { status: 'pending', stages: stages('waiting') })];
    expect(await alice().receipt('c-1')).toMatchObject({ status: 'pending' });
    expect(got[0]?.headers).not.toHaveProperty('prefer');
  });

  it('is a feed of stages that resumes, and ends when the server says so', async () => {
    answers = [
      events('retry: 2000\n\nid: decided\nevent: decided\ndata: {"status":"accepted"}\n\n'),
      events('id: appended\nevent: appended\ndata: {"status":"accepted"}\n\n'),
      (_, response) => response.writeHead(204).end(),
    ];
    const seen = await all(alice().stages('c-1', { until: 'appended' }));
    expect(seen.map(({ stage }) => stage)).toEqual(['decided', 'appended']);
    expect(got.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'decided', 'appended']);
  });
});

describe('a feed', () => {
  const event = (id: number) =>
    `id: ${id}\r\nevent: Opened\r\ndata: {"type":"Opened",\ndata: "revision":${id}}\n\n`;

  it('resumes after the last event, without gaps or repeats, whatever ends it', async () => {
    const half: Answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`${event(1)}id: 2\ndata: {"ty`);
      setTimeout(() => response.destroy(), 5);
    };
    answers = [events(`${event(0)}: still here\nid: 0\n\n`), breakOff, half, away, events(event(2))];
    const connected: boolean[] = [];
    const seen: unknown[] = [];
    const feed = client().feed('account', { after: 'start', onConnection: (is) => void connected.push(is) });
    for await (const { feedId, event: heard } of feed) {
      seen.push([feedId, heard.revision]);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([0, 1, 2].map((id) => [String(id), id]));
    expect(got.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '0', '0', '1', '1']);
    expect(got[0]?.path).toBe('/v1/accounts/events?after=start');
    expect(connected).toEqual([true, false, true, false, true]);
  });

  it('that is refused is a problem', async () => {
    answers = [json(403, { code: 'ACCESS.DENIED' })];
    expect(await problemOf(all(alice().feed()))).toMatchObject({ code: 'ACCESS.DENIED' });
  });

  it('ends with its signal, without an error', async () => {
    answers = [events(event(0))];
    const stop = new AbortController();
    const seen: unknown[] = [];
    for await (const item of alice().feed({ signal: stop.signal })) {
      seen.push(item);
      stop.abort();
    }
    expect(seen).toHaveLength(1);
  });
});

describe('a list', () => {
  it('is read page by page, with its filters', async () => {
    answers = [json(200, { data: [1, 2], nextCursor: 'abc' }), json(200, { data: [3] })];
    const query = { status: 'open', limit: 2, owner: undefined };
    expect(await all(client().items<number>('/v1/accounts', { query }))).toEqual([1, 2, 3]);
    expect(got.map(({ path }) => path)).toEqual([
      '/v1/accounts?status=open&limit=2',
      '/v1/accounts?status=open&limit=2&cursor=abc',
    ]);
  });

  it('is asked to show what this client and others wrote, and says whether it does', async () => {
    answers = [json(200, accepted, token), json(200, { data: [] }, { ...token, 'stale-by': '2' })];
    const mine = client();
    await mine.entity('account', 'alice').execute('Deposit', { amount: 1 });
    const page = await mine.page('/v1/accounts', { tokens: ['cart-default.c@1'] });
    expect(got[1]?.headers['consistency-token']).toBe('cart-default.c@1,account-default.alice@3');
    expect(page).toEqual({ data: [], token: 'account-default.alice@3', staleBy: 2 });
  });

  it('need not wait for what this client wrote', async () => {
    answers = [json(200, accepted, token), json(200, { data: [] })];
    const mine = client({ readsOwnWrites: false });
    await mine.entity('account', 'alice').execute('Deposit', { amount: 1 });
    expect(await mine.page('/v1/accounts')).toEqual({ data: [], staleBy: 0 });
    expect(got[1]?.headers).not.toHaveProperty('consistency-token');
  });

  it('is asked for the latest 50 entities at most', async () => {
    const ids = Array.from({ length: 60 }, (_, number) => `account-default.a${number}@1`);
    answers = [...ids.map((of) => json(200, accepted, { 'consistency-token': of })), json(200, { data: [] })];
    const mine = client();
    for (const _ of ids) await mine.entity('account', 'a').execute('Deposit', { amount: 1 });
    await mine.page('/v1/accounts');
    expect(String(got.at(-1)?.headers['consistency-token']).split(',')).toEqual(
      ids.toReversed().slice(0, 50),
    );
  });
});

describe('any other address', () => {
  it('is posted to once, unless the caller says that a repeat does no harm', async () => {
    answers = [away];
    await problemOf(client().post('/v1/operations/cart/views/v/rebuild', {}));
    expect(got).toHaveLength(1);
    await problemOf(client().post('/v1/inbox', {}, { isSafe: true }));
    expect(got).toHaveLength(1 + QUICK.attempts);
  });

  it('is read as JSON, or as it comes', async () => {
    answers = [json(200, { data: 1 })];
    expect(await client().get('/v1/inbox', { query: { limit: 1 } })).toEqual({ data: 1 });
    expect(await (await client().request('/v1/inbox')).text()).toBe('{"data":1}');
  });
});
