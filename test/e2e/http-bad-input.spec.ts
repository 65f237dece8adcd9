import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { authorized } from '#libs/testing/authorized.js';
import { command, request } from '../support/account-rest.js';
import { rawExchange, rawRequest } from '../support/raw-http.js';

const json = { 'content-type': 'application/json' };
const wait = { ...json, prefer: 'wait=20' };
const doors = [
  ['the front server', 'PERDURE_URL'],
  ['the account service', 'ACCOUNT_URL'],
] as const;

describe.each(doors)('bad input at %s', (_, variable) => {
  const url = (): string => String(process.env[variable]);
  const id = `bad-${randomUUID()}`;

  beforeAll(async () => {
    await command(url(), id, 'open', { owner: 'Bad', currency: 'EUR' }, wait);
    await command(url(), id, 'deposit', { amount: 1_000 }, wait);
  });

  /** The problem in the answer. The account must be unchanged. */
  async function refused(input: Parameters<typeof rawRequest>[1]): Promise<Record<string, unknown>> {
    const before = await request(`${url()}/v1/accounts/${id}`);
    const reply = await rawRequest(url(), input);
    const after = await request(`${url()}/v1/accounts/${id}`);
    expect(after.body).toEqual(before.body);
    expect(String(reply.headers['content-type'])).toContain('application/problem+json');
    const problem = JSON.parse(reply.text) as Record<string, unknown>;
    expect(problem).toMatchObject({ status: reply.status, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    return problem;
  }

  const deposit = (body: string | Buffer, headers: Record<string, string> = wait) =>
    refused({ method: 'POST', path: `/v1/accounts/${id}/deposit`, headers, body });

  it.each([
    ['NaN', '{"amount":NaN}'],
    ['1e309', '{"amount":1e309}'],
    ['minus zero', '{"amount":-0}'],
    ['2^53 + 1', '{"amount":9007199254740993}'],
    ['an invisible fraction', '{"amount":1.00000000000000000001}'],
    ['the same key twice', '{"amount":1,"amount":2}'],
    ['the same key twice, once escaped', '{"amount":1,"\\u0061mount":2}'],
    ['a prototype', '{"amount":1,"__proto__":{"currency":"EUR"}}'],
    ['a lone surrogate', '{"amount":1,"reference":"\\ud800"}'],
    ['a text cut short', '{"amount":1'],
    ['two values', '{"amount":1}{"amount":1}'],
    ['30,000 nested arrays', '['.repeat(30_000)],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('%s is not JSON that we accept', async (_name, body) => {
    expect(await deposit(body)).toMatchObject({ status: 400, code: 'REQUEST.MALFORMED_JSON' });
  });

  it.each([
    ['1e308', '{"amount":1e308}', '/amount'],
    ['zero', '{"amount":0}', '/amount'],
    ['a negative amount', '{"amount":-5}', '/amount'],
    ['a fraction', '{"amount":1.5}', '/amount'],
    ['text', '{"amount":"1"}', '/amount'],
    ['nothing', '{}', '/amount'],
    ['a name that is not known', '{"amount":1,"a/b~c":1}', '/a~1b~0c'],
    ['a currency in small letters', '{"amount":1,"currency":"eur"}', '/currency'],
    ['a control character', '{"amount":1,"reference":"a\\u0000"}', '/reference'],
    ['a list', '[]', ''],
    ['null', 'null', ''],
    ['a string', '"deposit"', ''],
  ])('%s breaks the schema, and is pointed at', async (_name, body, pointer) => {
    const problem = await deposit(body);
    expect(problem).toMatchObject({ status: 422, code: 'REQUEST.INVALID_BODY' });
    expect(problem['errors']).toContainEqual({ pointer, detail: expect.any(String) });
  });

  it('null is not the empty body of a command without data', async () => {
    const path = `/v1/accounts/${id}/freeze`;
    expect(await refused({ method: 'POST', path, headers: wait, body: 'null' })).toMatchObject({
      status: 422,
    });
    const close = `/v1/accounts/${id}/close`;
    expect(await refused({ method: 'POST', path: close, headers: wait, body: 'null' })).toMatchObject({
      status: 422,
    });
  });

  it('another currency is rejected by the rules', async () => {
    expect(await deposit('{"amount":1,"currency":"USD"}')).toMatchObject({
      code: 'ACCOUNT.CURRENCY_MISMATCH',
    });
  });

  it('a body over 64 KB is too large', async () => {
    const body = JSON.stringify({ amount: 1, reference: 'x'.repeat(64 * 1024) });
    expect(await deposit(body)).toMatchObject({ status: 413, code: 'REQUEST.TOO_LARGE' });
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['plain text', 'text/plain'],
    ['nonsense', ';;;'],
  ])('%s is not taken as a body', async (_name, type) => {
    const problem = await deposit('{"amount":1}', { 'content-type': type });
    expect(problem).toMatchObject({ status: 415, code: 'REQUEST.UNSUPPORTED_MEDIA_TYPE' });
  });

  it.each([
    ['a slash', 'a%2Fb'],
    ['NUL', 'a%00b'],
    ['a line feed', 'a%0D%0Ab'],
    ['a space', 'a%20b'],
    ['an umlaut', '%C3%A4'],
    ['a path upwards', '..%2F..%2Fhealth'],
    ['1,001 characters', 'a'.repeat(1_001)],
    ['201 characters', 'a'.repeat(201)],
  ])('an id with %s is refused', async (_name, bad) => {
    for (const path of [
      `/v1/accounts/${bad}`,
      `/v1/accounts/${bad}/events`,
      `/v1/accounts/${bad}/statement`,
    ]) {
      const problem = await refused({ path });
      // The front server, which knows nothing of ids, already refuses a path that leads upwards.
      expect(problem).toMatchObject({ status: 400, code: expect.stringMatching(/^REQUEST\.INVALID(_ID)?$/) });
    }
    const path = `/v1/accounts/${bad}/open`;
    const body = '{"owner":"A","currency":"EUR"}';
    expect(await refused({ method: 'POST', path, headers: wait, body })).toMatchObject({ status: 400 });
  });

  it.each(['a%zz', '%', '%ED%A0%80'])('an id that decodes to nothing (%s) is refused', async (bad) => {
    expect(Number((await refused({ path: `/v1/accounts/${bad}` }))['status'])).toBe(400);
  });

  it('an address too long is refused', async () => {
    const reply = await rawRequest(url(), { path: `/v1/accounts/${'a'.repeat(5_000)}` });
    expect([400, 404, 414]).toContain(reply.status);
    expect(String(reply.headers['content-type'])).toContain('application/problem+json');
  });

  it.each([
    ['idempotency-key', 'x'.repeat(256)],
    ['idempotency-key', '""'],
    ['if-match', 'W/"1"'],
    ['if-match', '1'],
    ['if-match', '"-1"'],
  ])('the header %s: %s is refused', async (header, value) => {
    const problem = await deposit('{"amount":1}', { ...wait, [header]: value });
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST.INVALID_HEADER' });
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=1.5',
    'limit=1&limit=2',
    'limit=',
    'cursor=abc',
    'cursor=MS4AAA',
    'status=gone',
    'owner=%00',
    'owner=%0A',
    'owner=',
    'unknown=1',
    '__proto__=1',
  ])('the list refuses ?%s', async (query) => {
    const problem = await refused({ path: `/v1/accounts?${query}` });
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST.INVALID_QUERY' });
  });

  it.each([
    ['accounts/ID', 'unknown=1'],
    ['accounts/events', 'unknown=1'],
    ['accounts/events', 'after=soon'],
    ['accounts/ID/events', 'unknown=1'],
    ['accounts/ID/events', 'after='],
    ['accounts/ID/events', 'cursor='],
    ['operations/account/views', 'unknown=1'],
    ['operations/account/relays', 'unknown=1'],
  ])('/v1/%s refuses ?%s', async (path, query) => {
    const problem = await refused({ path: `/v1/${path.replace('ID', id)}?${query}` });
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST.INVALID_QUERY' });
  });

  it.each(['accounts/ID/events', 'accounts/events', 'accounts/ID/commands/c-1'])(
    'a Last-Event-ID that is none is refused by /v1/%s, feed or not',
    async (path) => {
      const headers = { 'last-event-id': 'soon' };
      for (const accept of ['application/json', 'text/event-stream']) {
        const problem = await refused({
          path: `/v1/${path.replace('ID', id)}`,
          headers: { ...headers, accept },
        });
        expect(problem).toMatchObject({ status: 400, code: 'REQUEST.INVALID_HEADER' });
      }
    },
  );

  it('commands and operator actions accept no query', async () => {
    for (const path of [`/v1/accounts/${id}/deposit`, '/v1/operations/account/doctor']) {
      const input = { method: 'POST', path: `${path}?dry=1`, headers: wait, body: '{"amount":1}' };
      expect(await refused(input)).toMatchObject({ status: 400, code: 'REQUEST.INVALID_QUERY' });
    }
  });

  it.each(['doctor', 'views/account.accounts.v1/rebuild/cancel'])(
    'null is not the empty body of %s',
    async (path) => {
      const input = { method: 'POST', path: `/v1/operations/account/${path}`, headers: json, body: 'null' };
      expect(await refused(input)).toMatchObject({ status: 422, code: 'REQUEST.INVALID_BODY' });
    },
  );

  it('the events of an account resume after an id, as a page and as a feed', async () => {
    const page = async (query: string) => (await request(`${url()}/v1/accounts/${id}/events?${query}`)).body;
    expect(await page('after=0&limit=1')).toMatchObject({ data: [{ revision: 1 }] });
    expect(await page('after=end')).toEqual({ data: [] });
    expect(await page('after=9999999999999999999')).toEqual({ data: [] });
    const feed = await fetch(`${url()}/v1/accounts/${id}/events?after=0&limit=1`, {
      headers: { ...authorized(), accept: 'text/event-stream' },
    });
    expect(feed.status).toBe(200);
    await feed.body?.cancel();
  });

  it.each(['events', 'statement'])('a cursor of another list is refused by %s', async (list) => {
    const cursor = Buffer.from('1.alice').toString('base64url');
    const problem = await refused({ path: `/v1/accounts/${id}/${list}?cursor=${cursor}` });
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST.INVALID_QUERY' });
  });

  it.each(['', 'alice', 'account-default.x@', 'account-default.x@-2', 'account-default.a b@1'])(
    'the consistency token "%s" is refused',
    async (token) => {
      const problem = await refused({ path: '/v1/accounts', headers: { 'consistency-token': token } });
      expect(problem).toMatchObject({ status: 400, code: 'REQUEST.INVALID_HEADER' });
    },
  );

  it.each([
    ['POST', '/v1/accounts/x/steal'],
    ['POST', '/v1/accounts/x/expire-hold'],
    ['POST', '/v1/accounts/x/Deposit'],
    ['GET', '/v1/nothing'],
    ['GET', '/v2/accounts'],
  ])('there is nothing at %s %s', async (method, path) => {
    const body = method === 'POST' ? '{"holdId":"h","amount":1}' : undefined;
    const problem = await refused({ method, path, headers: json, ...(body !== undefined && { body }) });
    expect(problem).toMatchObject({ status: 404, code: 'ROUTE.NOT_FOUND' });
  });

  it.each([
    ['DELETE', (account: string) => `/v1/accounts/${account}`],
    ['PUT', () => '/v1/accounts'],
    ['PATCH', (account: string) => `/v1/accounts/${account}/events`],
  ])('%s is not taken anywhere', async (method, path) => {
    const problem = await refused({ method, path: path(id) });
    expect(problem).toMatchObject({ status: 405, code: 'ROUTE.METHOD_NOT_ALLOWED' });
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])(
    '%s is answered with the methods of the address, whatever else is wrong',
    async (method) => {
      const path = `/v1/accounts/${id}/deposit`;
      // A body of another type must not be refused before the method is.
      const body = method === 'TRACE' ? '' : 'x'.repeat(1_000);
      const headers = { 'content-type': 'text/plain', 'content-length': String(body.length) };
      const reply = await rawRequest(url(), { method, path, headers, body });
      expect(reply).toMatchObject({ status: 405, headers: { allow: 'POST' } });
      expect(JSON.parse(reply.text)).toMatchObject({ code: 'ROUTE.METHOD_NOT_ALLOWED' });
    },
  );

  it.each(['QUERY', 'PROPFIND', 'CONNECT', 'GRAB', 'get'])('%s is implemented nowhere', async (method) => {
    const path = method === 'CONNECT' ? 'elsewhere:80' : `/v1/accounts/${id}`;
    const answer = await rawExchange(
      url(),
      `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 501 /);
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
    expect(answer).toContain('"code":"ROUTE.METHOD_NOT_IMPLEMENTED"');
  });

  it('a request that is no HTTP ends with 400', async () => {
    expect(await rawExchange(url(), 'HELLO\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('two lengths of one body are refused', async () => {
    const text = `POST /v1/accounts/${id}/deposit HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;
    const answer = await rawExchange(
      url(),
      `${text}content-length: 12\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{"amount":1}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('connections that come to no end', () => {
  /** The answer of each server, and after how many milliseconds. */
  let unfinished: Promise<readonly (readonly [string, number])[]>;
  let idle: Promise<readonly string[]>;

  // All of them reach their time-outs together.
  beforeAll(() => {
    const addresses = doors.map(([, variable]) => String(process.env[variable]));
    const begun = Date.now();
    const half = 'content-type: application/json\r\ncontent-length: 12\r\n\r\n{"am';
    const credential = Object.entries(authorized()).map(([name, value]) => `${name}: ${value}\r\n`);
    const text = `POST /v1/accounts/x/deposit HTTP/1.1\r\nhost: x\r\n${credential.join('')}${half}`;
    unfinished = Promise.all(
      addresses.map(async (url) => [await rawExchange(url, text, 80_000), Date.now() - begun] as const),
    );
    const unasked = addresses.flatMap((url) => Array.from({ length: 300 }, () => url));
    idle = Promise.all(
      unasked.map((url) => rawExchange(url, 'GET /health/live HTTP/1.1\r\nhost: x\r\n', 40_000)),
    );
    // A failure is reported where they are awaited.
    for (const waiting of [unfinished, idle]) waiting.catch(() => undefined);
  });

  it.each(doors)('%s answers on with hundreds of them open', async (_, variable) => {
    const reply = await request(`${process.env[variable]}/v1/accounts/nobody-${randomUUID()}`);
    expect(reply.status).toBe(404);
  });

  it('are given up in the middle of a body', async () => {
    for (const [answer, milliseconds] of await unfinished) {
      expect(answer).toMatch(/^HTTP\/1\.1 (408|400) /);
      expect(milliseconds).toBeLessThan(60_000);
    }
  });

  it('are given up before they ask for anything', async () => {
    for (const answer of await idle) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});
