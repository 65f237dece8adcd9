import { describe, expect, it } from '@jest/globals';
import { consoleOf, mayUse } from './catalog.js';

const operation = { summary: '', query: [], allow: ['owner', 'role:teller'] };
const open = { type: 'object', properties: { owner: { type: 'string' } } };

const { categories, lists } = consoleOf({
  services: [
    {
      name: 'account',
      isAway: false,
      summaries: { accounts: 'A bank account' },
      operations: [
        { ...operation, method: 'get', path: '/v1/accounts' },
        { ...operation, method: 'post', path: '/v1/accounts', body: open },
        { ...operation, method: 'get', path: '/v1/accounts/{id}' },
        { ...operation, method: 'get', path: '/v1/accounts/{id}/events' },
        { ...operation, method: 'get', path: '/v1/accounts/{id}/statement' },
        { ...operation, method: 'post', path: '/v1/accounts/{id}/open', body: open },
        { ...operation, method: 'post', path: '/v1/accounts/{id}/place-hold', body: { type: 'object' } },
        { ...operation, method: 'post', path: '/v1/accounts/{id}/place-hold/dry-run' },
        { ...operation, method: 'post', path: '/v1/transfers/{id}/retry-step' },
        { ...operation, method: 'get', path: '/v1/flows' },
      ],
    },
  ],
});
const category = (name: string) => categories.find((one) => one.name === name);

describe('what the console offers', () => {
  it('is arranged by category', () => {
    expect(category('account')).toMatchObject({
      title: 'Accounts',
      summary: 'A bank account',
      kind: 'entity',
      service: 'account',
      list: { path: '/v1/accounts' },
      parts: [{ path: '/v1/accounts/{id}/statement' }],
    });
    expect(category('transfer')?.kind).toBe('saga');
    expect(category('cardPayment')).toMatchObject({ kind: 'flow', title: 'Card payment' });
    expect(lists.map(({ path }) => path)).toEqual(['/v1/flows']);
  });

  it('tells commands that create, and those that can be tried', () => {
    expect(category('account')?.commands).toMatchObject([
      { name: 'open', title: 'Open', creates: true, hasDryRun: false },
      { name: 'place-hold', title: 'Place hold', creates: false, hasDryRun: true },
    ]);
  });

  it('includes categories of a service that has never answered', () => {
    expect(category('cart')).toMatchObject({ isAway: true, commands: [] });
  });

  it('is only what the roles of the user allow', () => {
    const as = (...roles: string[]) => ({ name: 'tom', roles });
    expect(mayUse(['role:teller'], as('teller'))).toBe(true);
    expect(mayUse(['role:teller'], as('support'))).toBe(false);
    expect(mayUse(['owner', 'role:teller'], as())).toBe(true);
    expect(mayUse(undefined, as())).toBe(true);
    expect(mayUse(['role:teller'], { roles: [] })).toBe(true);
  });
});
