CREATE TABLE read_model.accounts_v1 (
  tenant     text        COLLATE "C" NOT NULL,
  id         text        COLLATE "C" NOT NULL,
  status     text        NOT NULL,
  owner      text        NOT NULL,
  currency   text        NOT NULL,
  balance    bigint      NOT NULL,
  held       bigint      NOT NULL,
  available  bigint      NOT NULL,
  revision   bigint      NOT NULL,
  opened_at  timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, id)
) WITH (fillfactor = 80);

-- Pages of one owner, or of one status, in the order of the list.
CREATE INDEX accounts_v1_owner ON read_model.accounts_v1 (tenant, owner, id);
CREATE INDEX accounts_v1_status ON read_model.accounts_v1 (tenant, status, id);
