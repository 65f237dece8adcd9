CREATE TABLE read_model.abandoned_carts_v1 (
  tenant      text        COLLATE "C" NOT NULL,
  id          text        COLLATE "C" NOT NULL,
  ending      text        NOT NULL,
  customer_id text        COLLATE "C",
  currency    text,
  pieces      bigint      NOT NULL,
  total       bigint      NOT NULL,
  reason      text,
  ended_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant, id)
);

-- The latest first, of all or of one currency.
CREATE INDEX abandoned_carts_v1_latest ON read_model.abandoned_carts_v1 (tenant, ended_at DESC, id DESC);
CREATE INDEX abandoned_carts_v1_currency
  ON read_model.abandoned_carts_v1 (tenant, currency, ended_at DESC, id DESC);
