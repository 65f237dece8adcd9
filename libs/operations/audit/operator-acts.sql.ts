/** The table, in the schema that no rebuild of a read model affects. */
export const SCHEMA = `
  CREATE SCHEMA IF NOT EXISTS perdure_memory;
  CREATE TABLE IF NOT EXISTS perdure_memory.operator_acts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    tenant text NOT NULL,
    operator text NOT NULL,
    service text,
    area text NOT NULL,
    verb text NOT NULL,
    subject text,
    reason text,
    detail text,
    trace_id text,
    outcome text NOT NULL DEFAULT 'begun',
    code text,
    ended_at timestamptz
  );
  CREATE INDEX IF NOT EXISTS operator_acts_operator ON perdure_memory.operator_acts (operator, id);
  CREATE INDEX IF NOT EXISTS operator_acts_subject ON perdure_memory.operator_acts (subject, id);`;

/** Whether the table is new, and whether there are acts from before it. */
export const FIRST_TIME = `
  SELECT to_regclass('perdure_memory.operator_acts') IS NULL AS is_new,
    to_regclass('read_model.view_audit') IS NOT NULL AS has_earlier`;

/** Takes over what operators did to views before. */
export const TAKE_OVER = `
  INSERT INTO perdure_memory.operator_acts
    (at, tenant, operator, area, verb, subject, reason, outcome, ended_at)
  SELECT at, 'default', operator, 'views', verb, concat_ws('/', view, stream), reason, 'done', at
  FROM read_model.view_audit ORDER BY id`;

export const BEGIN = `
  INSERT INTO perdure_memory.operator_acts
    (tenant, operator, service, area, verb, subject, reason, detail, trace_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`;

export const END = `
  UPDATE perdure_memory.operator_acts SET outcome = $2, code = $3, ended_at = now() WHERE id = $1`;
