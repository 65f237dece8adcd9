-- Of commands that came under an idempotency key and left no event. No read model: nothing else tells of them, so this
-- schema is never dropped to be filled again.
CREATE SCHEMA IF NOT EXISTS perdure_memory;

CREATE TABLE IF NOT EXISTS perdure_memory.outcomes (
  stream     text COLLATE "C" NOT NULL,
  command_id text COLLATE "C" NOT NULL,
  -- The command id itself where the key is another command's.
  key_id     text COLLATE "C" NOT NULL,
  revision   bigint           NOT NULL,
  -- Null once it is too old to be told.
  outcome    jsonb,
  kept_at    timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (stream, command_id)
);
-- Who sent it. Rows of older code have none. Checked first, because ALTER TABLE waits for all users of the table.
DO $$ BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = 'perdure_memory.outcomes'::regclass AND attname = 'actor' AND NOT attisdropped
  ) THEN
    ALTER TABLE perdure_memory.outcomes ADD COLUMN actor text;
  END IF;
END $$;
CREATE INDEX IF NOT EXISTS outcomes_key ON perdure_memory.outcomes (stream, key_id);
CREATE INDEX IF NOT EXISTS outcomes_latest ON perdure_memory.outcomes (stream, kept_at);
CREATE INDEX IF NOT EXISTS outcomes_age ON perdure_memory.outcomes (kept_at);
CREATE INDEX IF NOT EXISTS outcomes_told ON perdure_memory.outcomes (kept_at) WHERE outcome IS NOT NULL;

-- The database that Temporal has, by the id of our namespace in it. An emptied Temporal has another one.
CREATE TABLE IF NOT EXISTS perdure_memory.temporal_databases (
  namespace    text        PRIMARY KEY,
  namespace_id text        NOT NULL,
  -- When it was noticed.
  since        timestamptz NOT NULL DEFAULT now()
);

-- What operators did to schedules. One that is made again, because Temporal was emptied, is paused again by it.
CREATE TABLE IF NOT EXISTS perdure_memory.schedule_actions (
  id       bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schedule text COLLATE "C" NOT NULL,
  at       timestamptz      NOT NULL DEFAULT now(),
  operator text             NOT NULL,
  verb     text             NOT NULL,
  reason   text,
  detail   jsonb            NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS schedule_actions_of ON perdure_memory.schedule_actions (schedule, id);
