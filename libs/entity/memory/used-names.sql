-- One table for all entities: each category registers it.
CREATE TABLE IF NOT EXISTS read_model.used_names_v1 (
  stream   text COLLATE "C" NOT NULL,
  name     text COLLATE "C" NOT NULL,
  revision bigint           NOT NULL,
  PRIMARY KEY (stream, name)
);
