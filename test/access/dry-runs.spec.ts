import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { accessApp } from './access-app.js';
import { credentialOf, fill, GivenCaller, services } from './cases.js';

const store = new MemoryEventStore();
let app: NestFastifyApplication;
beforeAll(async () => {
  await fill(store);
  const [account] = services.filter(({ name }) => name === 'account');
  if (account) app = await accessApp(account, store, new GivenCaller());
});
afterAll(() => app.close());

/** Tries a deposit to Alice's account. */
async function tried(
  id: string,
  roles: readonly string[],
  command = 'deposit',
  body: object = { amount: 1 },
) {
  const caller = { tenant: 'default', id, kind: 'user', roles } as const;
  const reply = await app.inject({
    method: 'POST',
    url: `/v1/accounts/mine/${command}/dry-run`,
    headers: { authorization: credentialOf(caller), 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  });
  return reply.json<object>();
}

it('who may not read an entity learns from a dry run only what a command is answered with', async () => {
  const accepted = { outcome: 'accepted', revision: 1 };
  // Payments may deposit, but not read accounts.
  expect(await tried('pay', ['payments'])).toEqual({ ...accepted, events: [{ type: 'MoneyDeposited' }] });
  expect(await tried('tom', ['teller'])).toEqual({
    ...accepted,
    events: [{ type: 'MoneyDeposited', data: { amount: 1, currency: 'EUR' } }],
    changes: [
      { path: '/balance', from: 0, to: 1 },
      { path: '/available', from: 0, to: 1 },
    ],
  });
  expect(await tried('alice', [], 'close', {})).toMatchObject({
    ...accepted,
    changes: [{ path: '/status' }],
  });
});

it('a dry run stores nothing, and is refused as its command would be', async () => {
  const before = store.appends;
  expect(await tried('tom', ['teller'], 'withdraw')).toMatchObject({
    outcome: 'rejected',
    revision: 0,
    code: 'ACCOUNT.INSUFFICIENT_FUNDS',
  });
  expect(await tried('tom', ['teller'], 'deposit', { amount: -1 })).toMatchObject({
    code: 'REQUEST.INVALID_BODY',
  });
  expect(await tried('tom', ['teller'], 'explode')).toMatchObject({ code: 'ROUTE.NOT_FOUND' });
  expect(store.appends).toBe(before);
});
