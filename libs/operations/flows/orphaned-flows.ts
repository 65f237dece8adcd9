import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { streamName } from '#libs/core/entity-id.js';
import { createMemory } from '#libs/entity/memory/postgres-outcome-memory.js';
import type { ToWake, WakingSource } from '#libs/entity/memory/sweeper.js';
import { FirstUse } from '#libs/runtime/first-use.js';
import type { Logger } from '#libs/runtime/logger.js';
import { flowsTable } from './flows.projection.js';

const FLOWS = `read_model.${flowsTable.name}`;
const DATABASES = 'perdure_memory.temporal_databases';

/** How long Temporal may take to describe the namespace. */
const DESCRIBE_MILLISECONDS = 5_000;

/**
 * The clocks of two machines may differ by this much. A flow that begins within it after the loss
 * may be woken for nothing.
 */
const TOLERANCE = `interval '1 minute'`;

export interface OrphanedFlowsOptions {
  readonly client: Client;
  readonly pool: Pool;
  /** The types of flows that the service hosts. */
  readonly types: readonly string[];
  readonly logger: Logger;
}

interface Found {
  readonly type: string;
  readonly tenant: string;
  readonly id: string;
}

/**
 * Open flows that began before Temporal got its present database. Each is woken once. Its new run
 * finds that another one executed the function, and records that the flow is lost.
 *
 * A flow keeps its turn if the process is killed, or if the view shows it only later.
 */
export function orphanedFlows(options: OrphanedFlowsOptions): WakingSource {
  const { pool, types } = options;
  const databases = new TemporalDatabases(options);
  return {
    reason: 'temporal-emptied',
    find: async (limit) => {
      const since = await databases.currentSince();
      const { rows } = await pool.query<Found>(
        `SELECT type, tenant, id FROM ${FLOWS}
         WHERE type = ANY ($1) AND status IN ('running', 'cancelling')
           AND greatest(started_at, woken_at) < $2::timestamptz + ${TOLERANCE}
         ORDER BY greatest(started_at, woken_at) LIMIT $3`,
        [types, since, limit],
      );
      return rows.map(({ type, tenant, id }): ToWake => {
        const note = async () =>
          void (await pool.query(
            `UPDATE ${FLOWS} SET woken_at = greatest(now(), $4::timestamptz + ${TOLERANCE})
             WHERE type = $1 AND tenant = $2 AND id = $3`,
            [type, tenant, id, since],
          ));
        return { stream: streamName(type, id, tenant), note };
      });
    },
  };
}

/** Remembers which database Temporal has. An emptied one gives our namespace another id. */
class TemporalDatabases {
  private readonly table: FirstUse;

  constructor(private readonly options: Omit<OrphanedFlowsOptions, 'types'>) {
    this.table = new FirstUse(() => createMemory(options.pool));
  }

  /**
   * Since when the present database is known. The first one is new, too: what ran before it is not
   * known.
   */
  async currentSince(): Promise<Date> {
    const { client } = this.options;
    const { namespace } = client.options;
    const { namespaceInfo } = await client.withDeadline(Date.now() + DESCRIBE_MILLISECONDS, () =>
      client.workflowService.describeNamespace({ namespace }),
    );
    const id = namespaceInfo?.id ?? '';
    return this.table.use(async () => (await this.known(namespace, id)) ?? this.remember(namespace, id));
  }

  private async known(namespace: string, id: string): Promise<Date | undefined> {
    const { rows } = await this.options.pool.query<{ since: Date }>(
      `SELECT since FROM ${DATABASES} WHERE namespace = $1 AND namespace_id = $2`,
      [namespace, id],
    );
    return rows[0]?.since;
  }

  private async remember(namespace: string, id: string): Promise<Date> {
    const { pool, logger } = this.options;
    const { rows } = await pool.query<{ since: Date }>(
      `INSERT INTO ${DATABASES} AS known (namespace, namespace_id) VALUES ($1, $2)
       ON CONFLICT (namespace) DO UPDATE SET namespace_id = excluded.namespace_id,
         since = CASE WHEN known.namespace_id = excluded.namespace_id THEN known.since ELSE now() END
       RETURNING since`,
      [namespace, id],
    );
    logger.warn(
      { namespace, namespaceId: id },
      'Temporal has a database that was not known before: flows that are open are woken',
    );
    return rows[0]?.since ?? new Date();
  }
}
