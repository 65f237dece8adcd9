import { afterEach, describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { HealthChecks, HealthController } from '#libs/api/http/health.controller.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { engineChecks } from './engine-checks.js';
import type { Role } from './role.js';

type Engine = 'temporal' | 'event-store' | 'kafka' | 'postgres';

let app: NestFastifyApplication;
afterEach(() => app.close());

/** The readiness of a process with these roles while a server is unavailable. */
async function ready(roles: readonly Role[], away: Engine) {
  const isUp = (engine: Engine): boolean => engine !== away;
  const answer = async <T>(engine: Engine, value: T): Promise<T> => {
    if (!isUp(engine)) throw new Error('away');
    return value;
  };
  const store = new MemoryEventStore();
  store.setAway(!isUp('event-store'));
  const client = {
    withDeadline: (_: number, ask: () => Promise<object>) => ask(),
    workflowService: { getSystemInfo: () => answer('temporal', {}) },
  } as unknown as Client;
  const kafka = { isReachable: async () => isUp('kafka') } as Kafka;
  const queryPool = { query: () => answer('postgres', { rowCount: 1 }) } as unknown as Pool;
  class HealthModule {}
  const checks = engineChecks({ client, store, kafka, queryPool }, roles);
  const providers = [{ provide: HealthChecks, useValue: { all: () => checks } }];
  const module = { module: HealthModule, controllers: [HealthController], providers };
  app = await createHttpApp(module, pino({ level: 'silent' }));
  await app.init();
  const { statusCode, payload } = await app.inject('/health/ready');
  return { statusCode, body: JSON.parse(payload) as { components: object } };
}

describe('a process is ready', () => {
  it.each<[Role[], Engine]>([
    [['api'], 'kafka'],
    [['api'], 'postgres'],
    [['api'], 'event-store'],
    [['effects'], 'kafka'],
    [['relay'], 'postgres'],
    [['projector'], 'temporal'],
    [['commands'], 'event-store'],
  ])('as %s without %s, which it names', async (roles, away) => {
    const { statusCode, body } = await ready(roles, away);
    expect(statusCode).toBe(200);
    expect(body).toMatchObject({ status: 'ok', components: { [away]: { status: 'down', isNeeded: false } } });
    expect(Object.keys(body.components)).toEqual(['temporal', 'event-store', 'kafka', 'postgres']);
  });
});

describe('a process is not ready', () => {
  it.each<[Role[], Engine]>([
    [['api'], 'temporal'],
    [['api', 'projector'], 'kafka'],
    [['entities'], 'event-store'],
    [['projector'], 'postgres'],
    [['relay'], 'kafka'],
    [['commands'], 'kafka'],
    [['api', 'entities', 'relay', 'projector', 'commands'], 'postgres'],
  ])('as %s without %s', async (roles, away) => {
    const { statusCode, body } = await ready(roles, away);
    expect(statusCode).toBe(503);
    expect(body).toMatchObject({ status: 'unavailable', components: { [away]: { status: 'down' } } });
  });
});
