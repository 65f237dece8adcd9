-- The state of an entity in a view is `base` and then the changes, in the order of their revisions. A small state has no
-- changes. The column is renamed because a reader that knows `state` alone would read an old one.
ALTER TABLE read_model.entities RENAME COLUMN state TO base;

-- `json`, not `jsonb`: a change is short, and is read and written as it is.
CREATE TABLE read_model.entity_changes (
  view     text COLLATE "C" NOT NULL,
  stream   text COLLATE "C" NOT NULL,
  revision bigint           NOT NULL,
  change   json             NOT NULL,
  PRIMARY KEY (view, stream, revision)
);
