import { expect, it } from '@jest/globals';
import { inWords, type Policy } from '#contracts/access.js';
import type { Caller } from './caller.js';
import { extentOf } from './policy.js';

const caller = (roles: readonly string[], more: Partial<Caller> = {}): Caller => {
  return { tenant: 'default', id: 'alice', kind: 'user', roles, ...more };
};

it.each<[string, Policy, Caller, string | undefined]>([
  ['anyone of the tenant', ['anyone'], caller([]), 'full'],
  ['a role', ['owner', 'role:teller'], caller(['teller']), 'full'],
  ['one role of several', ['role:support', 'role:teller'], caller(['other', 'teller']), 'full'],
  ['the owner only', ['role:teller', 'owner'], caller(['support']), 'owner'],
  ['nobody without the role', ['role:teller'], caller(['support']), undefined],
  ['nobody by a part of a name', ['role:teller'], caller(['tell', 'role:teller']), undefined],
  ['an operator of the platform', ['role:operator'], caller(['operator']), 'full'],
  ['no operator of another tenant', ['role:operator'], caller(['operator'], { tenant: 'acme' }), undefined],
  ['a teller of another tenant', ['role:teller'], caller(['teller'], { tenant: 'acme' }), 'full'],
  ['everybody while access control is off', ['role:teller'], caller([], { kind: 'anonymous' }), 'full'],
])('a policy admits %s', (_, policy, of, extent) => {
  expect(extentOf(policy, of)).toBe(extent);
});

it('is told as a sentence', () => {
  expect(inWords(['anyone'])).toBe('anyone of the tenant');
  expect(inWords(['owner', 'role:teller', 'role:support'])).toBe(
    'the owner, the role teller or the role support',
  );
});
