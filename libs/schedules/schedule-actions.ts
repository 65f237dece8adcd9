import type { Pool, PoolClient } from 'pg';
import type { JsonObject } from '#libs/core/json.js';
import { createMemory } from '#libs/entity/memory/postgres-outcome-memory.js';
import { inTransaction } from '#libs/read-model/transaction.js';
import { FirstUse } from '#libs/runtime/first-use.js';
import type { Pause } from './pause-note.js';

const ACTIONS = 'perdure_memory.schedule_actions';

/** What operators do to a schedule. */
export type ScheduleVerb = 'pause' | 'resume' | 'trigger' | 'backfill';

/** What an operator did to a schedule. */
export interface ScheduleAction {
  readonly schedule: string;
  readonly operator: string;
  readonly verb: ScheduleVerb;
  readonly reason?: string | undefined;
  /** What was asked for, such as the time to backfill. */
  readonly detail?: JsonObject;
}

interface Row {
  readonly at: Date;
  readonly operator: string;
  readonly verb: ScheduleVerb;
  readonly reason: string | null;
  readonly detail: JsonObject;
}

/** The record of what operators did to schedules, in PostgreSQL. */
export class ScheduleActions {
  private readonly table: FirstUse;

  constructor(private readonly pool: Pool) {
    this.table = new FirstUse(() => createMemory(pool));
  }

  /** Does something, and records it. If one of the two fails, the other is not done either. */
  async record(
    { schedule, operator, verb, reason, detail = {} }: ScheduleAction,
    act: () => Promise<unknown>,
  ): Promise<void> {
    await this.table.use(() =>
      inTransaction(this.pool, async (client: PoolClient) => {
        await client.query(
          `INSERT INTO ${ACTIONS} (schedule, operator, verb, reason, detail) VALUES ($1, $2, $3, $4, $5)`,
          [schedule, operator, verb, reason, detail],
        );
        await act();
      }),
    );
  }

  /** The latest actions, the latest first. */
  async latest(schedule: string, limit: number) {
    const rows = await this.rows(
      `SELECT at, operator, verb, reason, detail FROM ${ACTIONS}
       WHERE schedule = $1 ORDER BY id DESC LIMIT $2`,
      [schedule, limit],
    );
    return rows.map(({ at, reason, ...row }) => {
      return { ...row, at: at.toISOString(), ...(reason !== null && { reason }) };
    });
  }

  /** The pause that an operator last asked for, and did not end. */
  async openPause(schedule: string): Promise<Required<Pause> | undefined> {
    const [last] = await this.rows(
      `SELECT at, operator, verb, reason FROM ${ACTIONS}
       WHERE schedule = $1 AND verb IN ('pause', 'resume') ORDER BY id DESC LIMIT 1`,
      [schedule],
    );
    if (last?.verb !== 'pause') return undefined;
    return { by: last.operator, at: last.at.toISOString(), reason: last.reason ?? '' };
  }

  private rows(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.table.use(async () => (await this.pool.query<Row>(text, [...values])).rows);
  }
}
