-- When a view applied what, for receipts. Only the latest days are kept.
CREATE TABLE read_model.applied_batches (
  view        text        NOT NULL,
  topic       text        NOT NULL,
  partition   integer     NOT NULL,
  next_offset bigint      NOT NULL,
  applied_at  timestamptz NOT NULL,
  PRIMARY KEY (view, topic, partition, next_offset)
);
