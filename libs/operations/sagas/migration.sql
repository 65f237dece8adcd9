-- One table for all sagas: each of them registers it.
CREATE TABLE IF NOT EXISTS read_model.sagas_v2 (
  saga        text        COLLATE "C" NOT NULL,
  tenant      text        COLLATE "C" NOT NULL,
  id          text        COLLATE "C" NOT NULL,
  status      text        NOT NULL,
  is_stuck    boolean     NOT NULL,
  stuck_steps text        NOT NULL,
  stuck_since timestamptz,
  cause       text,
  revision    bigint      NOT NULL,
  started_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  PRIMARY KEY (saga, tenant, id)
) WITH (fillfactor = 80);

-- What is not over, by the time of its last step: what the reaper looks at, and the work that waits for people.
CREATE INDEX IF NOT EXISTS sagas_v2_open ON read_model.sagas_v2 (saga, updated_at)
  WHERE status IN ('running', 'compensating');
CREATE INDEX IF NOT EXISTS sagas_v2_status ON read_model.sagas_v2 (saga, tenant, status, id);
