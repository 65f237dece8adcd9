import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { actOfRoute } from '#libs/api/http/access.js';
import { AccessControl } from '#libs/api/http/access-control.provider.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { AnonymousAuthenticator, Authenticator } from '#libs/identity/authenticator.js';
import { Doctor } from './doctor.js';
import { DoctorController } from './doctor.controller.js';

const logger = pino({ level: 'silent' });
const JSON_TYPE = { 'content-type': 'application/json' };
let app: NestFastifyApplication;
let url: string;
let finish: () => void;
const acts: unknown[] = [];
beforeAll(async () => {
  const finished = new Promise<void>((resolve) => (finish = resolve));
  class DoctorModule {}
  const doctor = {
    async *lines() {
      yield 'begun';
      await finished;
    },
  };
  const providers = [
    { provide: Authenticator, useClass: AnonymousAuthenticator },
    AccessControl,
    { provide: RequestLog, useValue: { logger } },
    { provide: Doctor, useValue: doctor },
  ];
  app = await createHttpApp({ module: DoctorModule, controllers: [DoctorController], providers }, logger);
  const fastify = app.getHttpAdapter().getInstance() as object as FastifyInstance;
  fastify.addHook('preHandler', async (request) => void acts.push(actOfRoute(request)));
  await app.listen(0, '127.0.0.1');
  url = `${await app.getUrl()}/doctor`;
});
afterAll(async () => {
  app.getHttpServer().closeAllConnections();
  await app.close();
});

it('four examinations run at a time, and another once one has ended', async () => {
  const examine = () => fetch(url, { method: 'POST' });
  const running = await Promise.all([examine(), examine(), examine(), examine()]);
  const refused = await examine();
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('10');
  expect(await refused.json()).toMatchObject({ code: 'LIMIT.CONCURRENCY' });
  finish();
  for (const one of running) expect(await one.text()).toBe('begun');
  expect((await examine()).status).toBe(200);
});

it('an examination is recorded only if it heals', async () => {
  const examine = (body: string) => fetch(url, { method: 'POST', headers: JSON_TYPE, body });
  for (const body of ['{}', '{"heal":false}', '{"heal":true}']) await (await examine(body)).text();
  expect(acts.slice(-3)).toEqual([false, false, 'heal']);
});
