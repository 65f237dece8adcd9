-- How far a view has folded each entity, and the state it folds with. No event below or at the revision counts again.
CREATE TABLE read_model.entities (
  view     text COLLATE "C" NOT NULL,
  stream   text COLLATE "C" NOT NULL,
  revision bigint           NOT NULL,
  state    jsonb            NOT NULL,
  PRIMARY KEY (view, stream)
) WITH (fillfactor = 80);

-- Where a view goes on in each partition. The consumer group's own offsets only follow.
CREATE TABLE read_model.offsets (
  view        text        NOT NULL,
  topic       text        NOT NULL,
  partition   integer     NOT NULL,
  next_offset bigint      NOT NULL,
  updated_at  timestamptz NOT NULL,
  PRIMARY KEY (view, topic, partition)
) WITH (fillfactor = 50);

-- Entities that one view could not fold further; `revision` is that of the event that failed.
CREATE TABLE read_model.parked_entities (
  view      text COLLATE "C" NOT NULL,
  stream    text COLLATE "C" NOT NULL,
  revision  bigint           NOT NULL,
  reason    text             NOT NULL,
  parked_at timestamptz      NOT NULL,
  PRIMARY KEY (view, stream)
);

-- The event that failed and those that came after it, in the order they will be folded in. `json`, not `jsonb`: what no
-- column can hold must be kept here too.
CREATE TABLE read_model.parked_events (
  view      text COLLATE "C" NOT NULL,
  stream    text COLLATE "C" NOT NULL,
  revision  bigint           NOT NULL,
  event     json             NOT NULL,
  parked_at timestamptz      NOT NULL,
  PRIMARY KEY (view, stream, revision)
);

-- Records of the topic that are no events of ours.
CREATE TABLE read_model.unreadable_records (
  view          text        NOT NULL,
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  record_offset bigint      NOT NULL,
  reason        text        NOT NULL,
  seen_at       timestamptz NOT NULL,
  PRIMARY KEY (view, topic, partition, record_offset)
);
