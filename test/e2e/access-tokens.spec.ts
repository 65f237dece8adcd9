import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { eventually, request } from '../support/account-rest.js';
import { tokenOf } from '../support/tokens.js';

const address = (variable: string, path: string): string => `${process.env[variable]}${path}`;

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const nobody = `/v1/accounts/nobody-${randomUUID()}`;

describe.each([
  ['the front server', 'PERDURE_URL'],
  ['the account service', 'ACCOUNT_URL'],
])('at %s', (_, variable) => {
  it.each([
    ['without a token', {}, 'Bearer realm="perdure"'],
    ['with anything else', bearer('x'), 'Bearer realm="perdure", error="invalid_token"'],
  ])('a request %s is answered 401', async (_name, headers, challenge) => {
    const paths = [nobody, '/v1/accounts', '/v1/accounts/events', '/v1/operations/account/views'];
    for (const path of paths) {
      const reply = await fetch(address(variable, path), { headers: headers as Record<string, string> });
      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toBe(challenge);
      expect(reply.headers.get('content-type')).toContain('application/problem+json');
      expect(await reply.json()).toMatchObject({ code: 'ACCESS.UNAUTHENTICATED', status: 401 });
    }
  });

  it('a token is taken, and those of other keys or users are told apart', async () => {
    const token = await tokenOf('alice');
    const url = address(variable, nobody);
    expect(await request(url, { headers: bearer(token) })).toMatchObject({ status: 404 });
    const [head, claims] = token.split('.');
    const forged = `${head}.${claims}.${(await tokenOf('bob')).split('.')[2]}`;
    expect(await request(url, { headers: bearer(forged) })).toMatchObject({ status: 401 });
  });

  it.each(['/health/live', '/health/ready', '/openapi.json', '/asyncapi.json'])(
    '%s needs none',
    async (path) => {
      expect((await fetch(address(variable, path))).status).toBe(200);
    },
  );
});

it('tokens by a new key are taken at once, and those by the one before, too', async () => {
  const before = await tokenOf('alice');
  await fetch(address('AUTH_ISSUER', '/rotate'), { method: 'POST' });
  const after = await tokenOf('alice');
  expect(after.split('.')[0]).not.toBe(before.split('.')[0]);
  for (const token of [after, before]) {
    const ask = () => request(address('ACCOUNT_URL', nobody), { headers: bearer(token) });
    // Another test may have made the service fetch the keys within the last 30 s.
    expect(await eventually(ask, ({ status }) => status !== 401)).toMatchObject({ status: 404 });
  }
});

it('the pages offer the users of the local issuer', async () => {
  const list = await (await fetch(address('PERDURE_URL', '/local-users'))).json();
  expect(list).toMatchObject({ users: expect.arrayContaining([expect.objectContaining({ name: 'alice' })]) });
  const reply = await fetch(address('PERDURE_URL', '/local-users/alice/token'), { method: 'POST' });
  expect(reply.headers.get('cache-control')).toBe('no-store');
  const { access_token: token } = (await reply.json()) as { access_token: string };
  expect(await request(address('PERDURE_URL', nobody), { headers: bearer(token) })).toMatchObject({
    status: 404,
  });
});
