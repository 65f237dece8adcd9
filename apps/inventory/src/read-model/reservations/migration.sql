-- What was asked for, which never changes once it is there.
CREATE TABLE read_model.reservations_v1 (
  tenant         text   COLLATE "C" NOT NULL,
  sku            text   COLLATE "C" NOT NULL,
  reservation_id text   COLLATE "C" NOT NULL,
  cart_id        text   COLLATE "C",
  quantity       bigint NOT NULL,
  PRIMARY KEY (tenant, sku, reservation_id)
);

CREATE INDEX reservations_v1_cart ON read_model.reservations_v1 (tenant, cart_id, sku, reservation_id)
  WHERE cart_id IS NOT NULL;

-- Where it stands.
CREATE TABLE read_model.reservation_states_v1 (
  tenant         text        COLLATE "C" NOT NULL,
  sku            text        COLLATE "C" NOT NULL,
  reservation_id text        COLLATE "C" NOT NULL,
  status         text        NOT NULL,
  expires_at     timestamptz,
  wait_until     timestamptz,
  revision       bigint      NOT NULL,
  updated_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant, sku, reservation_id)
) WITH (fillfactor = 80);
