import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { HealthCheck } from '#libs/api/http/health.controller.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { Role } from './role.js';

const TEMPORAL_DEADLINE_MILLISECONDS = 1_500;

type Engine = 'temporal' | 'event-store' | 'kafka' | 'postgres';

/**
 * The servers that a role cannot work without. The API only needs Temporal to accept commands and
 * return live state. Without PostgreSQL its lists fail, but a load balancer must not stop sending
 * it commands because of that.
 */
const NEEDS: Record<Role, readonly Engine[]> = {
  api: ['temporal'],
  entities: ['temporal', 'event-store'],
  flows: ['temporal', 'event-store'],
  effects: ['temporal', 'event-store'],
  relay: ['temporal', 'event-store', 'kafka'],
  projector: ['kafka', 'postgres'],
  commands: ['temporal', 'kafka'],
};

/**
 * Checks whether each server answers. Servers that no role needs are reported, but do not affect
 * readiness.
 */
export function engineChecks(
  engines: {
    readonly client: Client;
    readonly store: EventStore;
    readonly kafka: Kafka;
    readonly queryPool: Pool;
  },
  roles: readonly Role[],
): readonly HealthCheck[] {
  const { client, store, kafka, queryPool } = engines;
  const needed = new Set(roles.flatMap((role) => NEEDS[role]));
  const checks: readonly (HealthCheck & { readonly name: Engine })[] = [
    { name: 'temporal', check: async () => ({ ok: await isTemporalUp(client) }) },
    { name: 'event-store', check: async () => ({ ok: await store.isReachable() }) },
    { name: 'kafka', check: async () => ({ ok: await kafka.isReachable() }) },
    { name: 'postgres', check: async () => ({ ok: (await queryPool.query('select 1')).rowCount === 1 }) },
  ];
  return checks.map((check) => ({ ...check, isNeeded: needed.has(check.name) }));
}

async function isTemporalUp(client: Client): Promise<boolean> {
  const deadline = Date.now() + TEMPORAL_DEADLINE_MILLISECONDS;
  await client.withDeadline(deadline, () => client.workflowService.getSystemInfo({}));
  return true;
}
