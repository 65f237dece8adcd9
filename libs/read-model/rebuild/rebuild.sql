-- Views that are filled anew beside the one that serves. At most one of a view is being filled; the last one that was switched
-- to can be rolled back.
CREATE TABLE read_model.rebuilds (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  view       text        COLLATE "C" NOT NULL,
  state      text        NOT NULL CHECK (state IN ('filling', 'switched', 'rolled-back', 'cancelled')),
  throttle   integer,
  operator   text        NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at   timestamptz
);
CREATE UNIQUE INDEX rebuilds_filling ON read_model.rebuilds (view) WHERE state = 'filling';
CREATE INDEX rebuilds_view ON read_model.rebuilds (view, id);
