import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import type { Outcome } from '#libs/core/outcome.js';
import type { KeptOutcome, OutcomeMemory } from '#libs/entity/activities/outcome-memory.js';
import type { RingEntry } from '#libs/entity/protocol/entity-messages.js';
import { inTransaction } from '#libs/read-model/transaction.js';
import { FirstUse } from '#libs/runtime/first-use.js';

/** The table is in a schema of its own, so no rebuild of a read model affects it. */
export const OUTCOMES_TABLE = 'perdure_memory.outcomes';

// Any number that no other lock of ours uses.
const LOCK = 7_203_115;
const COLUMNS = 'command_id, key_id, actor, revision, outcome, kept_at';

interface Row {
  readonly command_id: string;
  readonly key_id: string;
  readonly actor: string | null;
  readonly revision: string;
  readonly outcome: Outcome | null;
  readonly kept_at: Date;
}

/** The memory of outcomes in PostgreSQL. Its schema is created on first use. */
export function createOutcomeMemory(pool: Pool): OutcomeMemory {
  const table = new FirstUse(() => createMemory(pool));
  const query = (name: string, text: string, values: readonly unknown[]): Promise<Row[]> =>
    table.use(async () => (await pool.query<Row>({ name, text, values: [...values] })).rows);
  return {
    keep: async (stream, entries) =>
      void (await query('keep outcomes', KEEP, [stream, ...columnsOf(entries)])),
    find: async (stream, ids) => (await query('find outcomes', FIND, [stream, ids])).map(toKept),
    latest: async (stream, limit) => {
      const rows = await query('latest outcomes', LATEST, [stream, limit + 1]);
      const told = rows.slice(0, limit).map(toKept).reverse().flatMap(toEntry);
      return { entries: told, hasMore: told.length < rows.length };
    },
  };
}

// A frozen attempt may write after the one whose result was used. The newer decision wins.
const KEEP = `
  INSERT INTO ${OUTCOMES_TABLE} AS kept (stream, command_id, key_id, actor, revision, outcome)
  SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[])
  ON CONFLICT (stream, command_id) DO UPDATE
    SET key_id = excluded.key_id, actor = excluded.actor, revision = excluded.revision,
      outcome = excluded.outcome, kept_at = now()
    WHERE kept.revision <= excluded.revision`;

const FIND = `
  SELECT ${COLUMNS} FROM ${OUTCOMES_TABLE}
  WHERE stream = $1 AND (command_id = ANY ($2) OR key_id = ANY ($2))`;

const LATEST = `SELECT ${COLUMNS} FROM ${OUTCOMES_TABLE} WHERE stream = $1 ORDER BY kept_at DESC LIMIT $2`;

function columnsOf(entries: readonly RingEntry[]): readonly unknown[] {
  return [
    entries.map(({ outcome }) => outcome.commandId),
    entries.map(({ keyId, outcome }) => keyId ?? outcome.commandId),
    entries.map(({ outcome }) => outcome.actor ?? null),
    entries.map(({ outcome }) => outcome.revision),
    entries.map(({ outcome }) => JSON.stringify(outcome)),
  ];
}

function toKept({
  command_id: commandId,
  key_id: keyId,
  actor,
  revision,
  outcome,
  kept_at,
}: Row): KeptOutcome {
  return {
    ...(keyId !== commandId && { keyId }),
    commandId,
    ...(actor !== null && { actor }),
    revision: Number(revision),
    at: kept_at.toISOString(),
    ...(outcome && { outcome }),
  };
}

function toEntry({ keyId, outcome }: KeptOutcome): RingEntry[] {
  return outcome ? [{ ...(keyId !== undefined && { keyId }), outcome }] : [];
}

/** Creates the schema of what no stream records. */
export async function createMemory(pool: Pool): Promise<void> {
  const sql = await readFile(new URL('./outcomes.sql', import.meta.url), 'utf8');
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(sql);
  });
}
