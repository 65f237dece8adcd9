-- One pair of tables for all entities: each category registers them.

-- Every accepted command, by its id and its idempotency key.
CREATE TABLE IF NOT EXISTS read_model.commands_v1 (
  stream        text COLLATE "C" NOT NULL,
  command_id    text COLLATE "C" NOT NULL,
  key_id        text COLLATE "C" NOT NULL,
  revision      bigint           NOT NULL,
  events        text             NOT NULL,
  at            timestamptz      NOT NULL,
  recorded_at   timestamptz,
  partition     integer,
  record_offset bigint,
  relayed_at    timestamptz,
  PRIMARY KEY (stream, command_id)
);
CREATE INDEX IF NOT EXISTS commands_v1_key ON read_model.commands_v1 (stream, key_id);

-- What entities have to do by themselves: when their next deadline is, and since when they owe an effect. The columns after
-- `owed_since` are the sweeper's own.
CREATE TABLE IF NOT EXISTS read_model.duties_v1 (
  stream         text COLLATE "C" NOT NULL PRIMARY KEY,
  category       text        NOT NULL,
  revision       bigint      NOT NULL,
  due_at         timestamptz,
  owed_since     timestamptz,
  woken_revision bigint      NOT NULL DEFAULT -1,
  woken_at       timestamptz NOT NULL DEFAULT '-infinity',
  wakings        integer     NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS duties_v1_due ON read_model.duties_v1 (category, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS duties_v1_owed ON read_model.duties_v1 (category, owed_since) WHERE owed_since IS NOT NULL;
