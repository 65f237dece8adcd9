import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { accountContract } from '#contracts/account/account.contract.js';
import { Allow, Public } from '#libs/api/http/access.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { EntityModule } from './entity.module.js';
import { PerdureModule } from './perdure.module.js';
import { serviceConfig } from './service-config.js';

const logger = pino({ level: 'silent' });
const nowhere = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  KAFKA_BROKERS: '127.0.0.1:1',
  EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false&keepAliveInterval=10000',
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
};
const config = serviceConfig(0).parse({ ...nowhere, ROLES: 'api', AUTH: 'off' });
const workflowBundle = new URL('file:///none.js');
const account = {
  contract: accountContract,
  decider: accountDecider,
  present: () => ({}),
  views: [],
  reads: [],
};

/** A controller of the application that uses the gateway. */
@Controller('own')
class OwnController {
  constructor(@Inject(EntityGateway) private readonly gateway: EntityGateway) {}

  @Allow(['role:teller'])
  @Get()
  hasGateway() {
    return { hasGateway: typeof this.gateway.execute === 'function' };
  }

  @Public()
  @Get('error')
  fail() {
    throw new TypeError('the team’s own');
  }
}

@Module({
  imports: [
    PerdureModule.forRoot({ name: 'bank', workflowBundle, config, logger }),
    EntityModule.forFeature(account),
  ],
  controllers: [OwnController],
})
class TeamModule {}

describe('a Nest application of a team’s own', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(TeamModule, new FastifyAdapter(), {
      logger: false,
    });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterAll(() => app.close());

  const get = async (url: string) => {
    const { statusCode, headers, payload } = await app.inject({ method: 'GET', url });
    return {
      statusCode,
      type: headers['content-type'],
      body: JSON.parse(payload) as Record<string, unknown>,
    };
  };

  it('has the routes and documents of its entities', async () => {
    const { body } = await get('/openapi.json');
    expect(Object.keys(body['paths'] as object)).toEqual(
      expect.arrayContaining(['/v1/accounts/{id}/deposit', '/v1/operations/bank/views']),
    );
    const { statusCode, headers } = await app.inject({
      method: 'POST',
      url: '/v1/accounts/alice/deposit',
      payload: { amount: -1 },
    });
    expect(statusCode).toBe(422);
    expect(headers['content-type']).toContain('application/problem+json');
  });

  it('answers health checks', async () => {
    expect(await get('/health/live')).toMatchObject({ statusCode: 200 });
  });

  it('can inject the gateway into its own controllers, whose errors stay its own', async () => {
    expect(await get('/own')).toMatchObject({ statusCode: 200, body: { hasGateway: true } });
    expect(await get('/own/error')).toMatchObject({ statusCode: 500, body: { statusCode: 500 } });
  });
});

it('does not start if a route of its own has no policy', async () => {
  @Controller('forgotten')
  class ForgottenController {
    @Get()
    anything() {
      return {};
    }
  }
  @Module({
    imports: [PerdureModule.forRoot({ name: 'bank', workflowBundle, config, logger })],
    controllers: [ForgottenController],
  })
  class CarelessModule {}
  const app = await NestFactory.create(CarelessModule, new FastifyAdapter(), { logger: false });
  await expect(app.init()).rejects.toThrow('GET /forgotten has no policy: add @Allow or @Public');
});
