import { expect, it } from '@jest/globals';
import fastify from 'fastify';
import { pino } from 'pino';
import { z } from 'zod';
import type { Policy } from '#contracts/access.js';
import type { PublicCommandContract } from '#contracts/entity-contract.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { controlAccess } from '../http/access.js';
import { commandPlace } from './command-place.js';

const commandFor = (allow: Policy): PublicCommandContract => {
  return { visibility: 'public', summary: 'Retry', schema: z.strictObject({}), allow };
};
const retry = commandFor(['role:operator', 'role:supervisor']);
const pay = commandFor(['owner', 'role:teller']);

/** Where a command of a caller goes, or the code of the problem. */
async function placeFor(command: PublicCommandContract, caller: Caller, query: string): Promise<unknown> {
  class Fixed extends Authenticator {
    async authenticate(): Promise<Caller> {
      return caller;
    }
  }
  const server = fastify();
  controlAccess(server, new Fixed(), pino({ level: 'silent' }));
  server.get('/', { config: { access: ['anyone'] } }, (request) => {
    try {
      return Promise.resolve(commandPlace(request, command));
    } catch (error) {
      if (error instanceof ProblemError) return Promise.resolve({ code: error.code });
      throw error;
    }
  });
  const reply = await server.inject(`/${query}`);
  await server.close();
  return reply.json();
}

const user = (id: string, tenant: string, ...roles: readonly string[]): Caller => {
  return { id, tenant, kind: 'user', roles };
};
const olivia = user('olivia', 'default', 'operator');

it.each([
  ['of an operator goes to its own tenant', retry, olivia, '', { tenant: 'default', actor: 'olivia' }],
  ['also if it names it', retry, olivia, '?tenant=default', { tenant: 'default', actor: 'olivia' }],
  [
    'of an operator goes to the tenant that it names, by a marked actor',
    retry,
    olivia,
    '?tenant=acme',
    { tenant: 'acme', actor: 'operator:olivia' },
  ],
  [
    'of a supervisor goes nowhere else',
    retry,
    user('sue', 'default', 'supervisor'),
    '?tenant=acme',
    { code: 'ACCESS.DENIED' },
  ],
  [
    'of an operator in another tenant goes nowhere else',
    retry,
    user('otto', 'acme', 'operator', 'supervisor'),
    '?tenant=default',
    { code: 'ACCESS.DENIED' },
  ],
  ['names a tenant that can be one', retry, olivia, '?tenant=a.b', { code: 'REQUEST.INVALID_QUERY' }],
  ['for others names none', pay, olivia, '?tenant=acme', { code: 'REQUEST.INVALID_QUERY' }],
  [
    'for others goes to the tenant of its caller',
    pay,
    user('ada', 'acme'),
    '',
    { tenant: 'acme', actor: 'ada' },
  ],
])('a command %s', async (_, command, caller, query, place) => {
  expect(await placeFor(command, caller, query)).toEqual(place);
});
