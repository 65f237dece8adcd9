import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { AccessControl } from '#libs/api/http/access-control.provider.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { AuditController } from './audit.controller.js';
import { type ActsRequest, OperatorActs } from './operator-acts.js';

const logger = pino({ level: 'silent' });
let caller: Caller;
let asked: ActsRequest | undefined;
let app: NestFastifyApplication;

beforeAll(async () => {
  class AuditModule {}
  const list = async (request: ActsRequest) => {
    asked = request;
    return { data: [] };
  };
  const providers = [
    { provide: Authenticator, useValue: { authenticate: async () => caller } },
    AccessControl,
    { provide: RequestLog, useValue: { logger } },
    { provide: OperatorActs, useValue: { list } },
  ];
  app = await createHttpApp({ module: AuditModule, controllers: [AuditController], providers }, logger);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());
beforeEach(() => (asked = undefined));

const ask = async (roles: readonly string[], query: string, tenant = 'default') => {
  caller = { tenant, id: 'x', kind: 'user', roles };
  return (await app.inject({ url: `/v1/audit?${query}` })).statusCode;
};

it('operators see the acts of all tenants, or of one', async () => {
  expect(await ask(['operator'], 'verb=skip&limit=7')).toBe(200);
  expect(asked).toEqual({ verb: 'skip', limit: 7 });
  await ask(['operator'], 'tenant=acme');
  expect(asked).toMatchObject({ tenant: 'acme' });
});

it('security staff see what was done in their tenant, whatever they ask for', async () => {
  await ask(['security'], 'tenant=default', 'acme');
  expect(asked).toMatchObject({ tenant: 'acme' });
  expect(await ask(['operator'], '', 'acme')).toBe(403);
});

it('filters are checked', async () => {
  expect(await ask(['operator'], 'outcome=odd')).toBe(400);
  expect(await ask(['operator'], 'color=red')).toBe(400);
});
