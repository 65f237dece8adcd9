-- Entities that are parked can be taken up again. `taken_up` is only ever true inside the transaction that does it.
ALTER TABLE read_model.parked_entities
  ADD COLUMN attempts integer     NOT NULL DEFAULT 1,
  ADD COLUMN tried_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN taken_up boolean     NOT NULL DEFAULT false;

-- What operators decided about single events, in one view each: to leave one out, or to fold another in its place. They
-- stay: when the view is filled anew, they hold again.
CREATE TABLE read_model.amended_events (
  view        text COLLATE "C" NOT NULL,
  stream      text COLLATE "C" NOT NULL,
  revision    bigint           NOT NULL,
  verb        text             NOT NULL CHECK (verb IN ('skip', 'patch')),
  replacement json,
  original    json             NOT NULL,
  amended_at  timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (view, stream, revision)
);

-- Everything that operators ever did to a view.
CREATE TABLE read_model.view_audit (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT now(),
  operator text        NOT NULL,
  view     text        COLLATE "C" NOT NULL,
  verb     text        NOT NULL,
  stream   text        COLLATE "C",
  revision bigint,
  reason   text,
  before   json,
  after    json,
  result   json        NOT NULL
);
CREATE INDEX view_audit_view ON read_model.view_audit (view, id);
