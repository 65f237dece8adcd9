CREATE TABLE read_model.carts_v2 (
  tenant      text        COLLATE "C" NOT NULL,
  id          text        COLLATE "C" NOT NULL,
  status      text        NOT NULL,
  customer_id text        COLLATE "C",
  currency    text,
  items       bigint      NOT NULL,
  pieces      bigint      NOT NULL,
  subtotal    bigint      NOT NULL,
  discount    bigint      NOT NULL,
  total       bigint      NOT NULL,
  revision    bigint      NOT NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant, id)
) WITH (fillfactor = 80);

-- Pages of one customer, or of one status, in the order of the list.
CREATE INDEX carts_v2_customer ON read_model.carts_v2 (tenant, customer_id, id);
CREATE INDEX carts_v2_status ON read_model.carts_v2 (tenant, status, id);
