import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { HealthCheck } from '#libs/http/health.controller.js';
import type { Kafka } from '#libs/kafka/kafka.js';

const TEMPORAL_DEADLINE_MILLISECONDS = 1_500;

/** Asks each server whether it answers. */
export function engineChecks(engines: {
  readonly client: Client;
  readonly store: EventStore;
  readonly kafka: Kafka;
  readonly queryPool: Pool;
}): readonly HealthCheck[] {
  const { client, store, kafka, queryPool } = engines;
  return [
    { name: 'temporal', check: async () => ({ ok: await isTemporalUp(client) }) },
    { name: 'event-store', check: async () => ({ ok: await store.isReachable() }) },
    { name: 'kafka', check: async () => ({ ok: await kafka.isReachable() }) },
    { name: 'postgres', check: async () => ({ ok: (await queryPool.query('select 1')).rowCount === 1 }) },
  ];
}

async function isTemporalUp(client: Client): Promise<boolean> {
  const deadline = Date.now() + TEMPORAL_DEADLINE_MILLISECONDS;
  await client.withDeadline(deadline, () => client.workflowService.getSystemInfo({}));
  return true;
}
