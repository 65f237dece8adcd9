/** The tables, in the schema that no rebuild of a read model affects. */
export const SCHEMA = `
  CREATE SCHEMA IF NOT EXISTS perdure_memory;
  CREATE TABLE IF NOT EXISTS perdure_memory.processes (
    id text PRIMARY KEY,
    process text NOT NULL,
    service text NOT NULL,
    instance text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    heard_at timestamptz NOT NULL DEFAULT now(),
    has_ended boolean NOT NULL DEFAULT false,
    restarts integer NOT NULL DEFAULT 0,
    last_failure jsonb,
    report jsonb NOT NULL
  );
  CREATE TABLE IF NOT EXISTS perdure_memory.worker_orders (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    process text NOT NULL,
    instance text NOT NULL,
    worker text,
    verb text NOT NULL,
    operator text NOT NULL,
    reason text,
    given_at timestamptz NOT NULL DEFAULT now(),
    obeyed_at timestamptz
  );
  CREATE INDEX IF NOT EXISTS worker_orders_open ON perdure_memory.worker_orders (instance)
    WHERE obeyed_at IS NULL;
  ALTER TABLE perdure_memory.processes ADD COLUMN IF NOT EXISTS acknowledged_at timestamptz;`;

const TIME = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/**
 * Writes a report, and takes the orders to this instance. One instance after another under the same
 * id is a restart. If the one before has not said that it ends, it was killed.
 */
export const BEAT = `
  WITH beat AS (
    INSERT INTO perdure_memory.processes AS p (id, process, service, instance, report, last_failure, has_ended)
    VALUES ($1, $2, $3, $4, $5::jsonb,
      CASE WHEN $6::text IS NOT NULL
        THEN jsonb_build_object('at', to_char(now() AT TIME ZONE 'UTC', ${TIME}), 'reason', $6::text) END,
      $7)
    ON CONFLICT (id) DO UPDATE SET
      process = excluded.process, service = excluded.service, report = excluded.report,
      instance = excluded.instance, heard_at = now(), has_ended = excluded.has_ended,
      started_at = CASE WHEN p.instance = excluded.instance THEN p.started_at ELSE now() END,
      restarts = p.restarts + CASE WHEN p.instance = excluded.instance THEN 0 ELSE 1 END,
      last_failure = coalesce(excluded.last_failure,
        CASE WHEN p.instance <> excluded.instance AND NOT p.has_ended
          THEN jsonb_build_object(
            'at', to_char(p.heard_at AT TIME ZONE 'UTC', ${TIME}),
            'reason', 'it ended without a word; last heard of at this time')
          ELSE p.last_failure END)
  )
  UPDATE perdure_memory.worker_orders SET obeyed_at = now()
  WHERE instance = $4 AND obeyed_at IS NULL
  RETURNING worker, verb, operator`;

export const LIST = `
  SELECT id, process, service, instance, report, started_at, heard_at, has_ended, restarts, last_failure,
    acknowledged_at,
    heard_at < now() - interval '20 seconds' AS is_silent
  FROM perdure_memory.processes
  WHERE heard_at > now() - interval '1 hour'
  ORDER BY service, process, id
  LIMIT 1000`;

export const GIVE = `
  INSERT INTO perdure_memory.worker_orders (process, instance, verb, worker, operator, reason)
  SELECT process, instance, $3, $4, $5, $6 FROM unnest($1::text[], $2::text[]) AS given (process, instance)`;

/** Nothing is left to do about it, so the order counts as carried out. */
export const ACKNOWLEDGE = `
  WITH seen AS (
    UPDATE perdure_memory.processes SET acknowledged_at = now()
    WHERE (process = $1 OR id = $1) AND heard_at > now() - interval '1 hour'
    RETURNING id, instance
  )
  INSERT INTO perdure_memory.worker_orders (process, instance, verb, operator, reason, obeyed_at)
  SELECT id, instance, 'acknowledge', $2, $3, now() FROM seen
  RETURNING process AS id`;

export const ORDERS = `
  SELECT process, worker, verb, operator, reason, given_at, obeyed_at
  FROM perdure_memory.worker_orders ORDER BY number DESC LIMIT 200`;

export const FORGET = [
  `DELETE FROM perdure_memory.processes WHERE heard_at < now() - interval '1 day'`,
  `DELETE FROM perdure_memory.worker_orders WHERE given_at < now() - interval '90 days'`,
];
