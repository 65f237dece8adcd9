CREATE TABLE read_model.statement_entries_v1 (
  tenant     text        COLLATE "C" NOT NULL,
  account_id text        COLLATE "C" NOT NULL,
  revision   bigint      NOT NULL,
  kind       text        NOT NULL,
  amount     bigint      NOT NULL,
  currency   text        NOT NULL,
  balance    bigint      NOT NULL,
  held       bigint      NOT NULL,
  hold_id    text,
  reference  text,
  at         timestamptz NOT NULL,
  PRIMARY KEY (tenant, account_id, revision)
);
