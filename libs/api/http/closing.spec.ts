import { beforeEach, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { AnonymousAuthenticator, Authenticator } from '#libs/identity/authenticator.js';
import { accountContract } from '#contracts/account/account.contract.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { DryRuns } from '#libs/entity/gateway/dry-runs.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { EntityHistory } from '#libs/entity/gateway/entity-history.js';
import { StageFinder } from '#libs/entity/memory/stage-finder.js';
import { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
import { entityControllers } from '../entities/entity-controllers.js';
import { AccessControl } from './access-control.provider.js';
import { EndingRequests } from './ending-requests.provider.js';
import { createHttpApp } from './http-app.js';
import { RequestLog } from './problem.filter.js';

const logger = pino({ level: 'silent' });

/** The commands that reached the gateway, which never decides them. */
let executed: CommandEnvelope[];
let isAsked: Promise<void>;
let app: NestFastifyApplication;
let url: string;

beforeEach(async () => {
  executed = [];
  let asked = (): void => undefined;
  isAsked = new Promise((resolve) => (asked = resolve));
  const gateway: Partial<EntityGateway> = {
    execute: (_, envelopes, __, closing) => {
      executed.push(...envelopes);
      asked();
      const pending = envelopes.map(({ commandId }) => ({ status: 'pending', commandId }) as const);
      return new Promise((resolve) => closing?.addEventListener('abort', () => resolve(pending)));
    },
    receipt: async (_, commandId) => {
      asked();
      return { status: 'pending', commandId };
    },
  };
  class WaitingModule {}
  const controllers = [...entityControllers(accountContract, () => ({}))];
  const providers = [
    EndingRequests,
    { provide: Authenticator, useClass: AnonymousAuthenticator },
    AccessControl,
    { provide: RequestLog, useValue: { logger } },
    { provide: EntityGateway, useValue: gateway },
    { provide: EventFeeds, useValue: undefined },
    { provide: StageFinder, useValue: { find: async () => ({ decided: { state: 'waiting' } }) } },
    { provide: DryRuns, useValue: undefined },
    { provide: EntityHistory, useValue: undefined },
  ];
  app = await createHttpApp({ module: WaitingModule, controllers, providers }, logger);
  await app.listen(0, '127.0.0.1');
  url = `${await app.getUrl()}/v1/accounts/alice`;
});
/**
 * Closes the server as at the end of a process, including the connections that the client leaves
 * open.
 */
async function closing<T>(reply: Promise<T>): Promise<T> {
  const closed = app.close();
  const answered = await reply;
  app.getHttpServer().closeAllConnections();
  await closed;
  return answered;
}

const headers = { 'content-type': 'application/json', prefer: 'wait=30' };

it('a command that is waited for while the server closes is waited for no longer, and answered 202', async () => {
  const reply = fetch(`${url}/deposit`, { method: 'POST', headers, body: '{"amount":1}' });
  await isAsked;
  const { status, headers: replied } = await closing(reply);
  expect(status).toBe(202);
  expect(replied.get('location')).toContain(`/v1/accounts/alice/commands/${executed[0]?.commandId}`);
});

it('a pending wait for a receipt answers with the current stage when the server closes', async () => {
  const reply = fetch(`${url}/commands/c1`, { headers });
  await isAsked;
  const body = await closing(reply.then((answered) => answered.json()));
  expect(body).toMatchObject({ status: 'pending', commandId: 'c1' });
});
