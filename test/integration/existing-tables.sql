-- The tables of all views as the migrations of version 0.1.0 created them, one file each.

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

CREATE INDEX accounts_v1_owner ON read_model.accounts_v1 (tenant, owner, id);
CREATE INDEX accounts_v1_status ON read_model.accounts_v1 (tenant, status, id);

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

CREATE INDEX carts_v2_customer ON read_model.carts_v2 (tenant, customer_id, id);
CREATE INDEX carts_v2_status ON read_model.carts_v2 (tenant, status, id);

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

CREATE INDEX abandoned_carts_v1_latest ON read_model.abandoned_carts_v1 (tenant, ended_at DESC, id DESC);
CREATE INDEX abandoned_carts_v1_currency
  ON read_model.abandoned_carts_v1 (tenant, currency, ended_at DESC, id DESC);

CREATE TABLE read_model.stock_v2 (
  tenant        text        COLLATE "C" NOT NULL,
  id            text        COLLATE "C" NOT NULL,
  status        text        NOT NULL,
  on_hand       bigint      NOT NULL,
  reserved      bigint      NOT NULL,
  available     bigint      NOT NULL,
  received      bigint      NOT NULL,
  adjusted      bigint      NOT NULL,
  sold          bigint      NOT NULL,
  waiting       bigint      NOT NULL,
  awaited       bigint      NOT NULL,
  reorder_point bigint,
  revision      bigint      NOT NULL,
  updated_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant, id)
) WITH (fillfactor = 80);

CREATE INDEX stock_v2_low ON read_model.stock_v2 (tenant, id) WHERE available <= reorder_point;
CREATE INDEX stock_v2_sold_out ON read_model.stock_v2 (tenant, id) WHERE available = 0;

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

CREATE TABLE read_model.best_sellers_v1 (
  tenant   text   COLLATE "C" NOT NULL,
  day      text   COLLATE "C" NOT NULL,
  sku      text   COLLATE "C" NOT NULL,
  sold     bigint NOT NULL,
  returned bigint NOT NULL,
  net      bigint NOT NULL,
  PRIMARY KEY (tenant, day, sku)
) WITH (fillfactor = 80);

CREATE INDEX best_sellers_v1_rank ON read_model.best_sellers_v1 (tenant, day, net DESC, sku DESC);

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

CREATE INDEX IF NOT EXISTS sagas_v2_open ON read_model.sagas_v2 (saga, updated_at)
  WHERE status IN ('running', 'compensating');
CREATE INDEX IF NOT EXISTS sagas_v2_status ON read_model.sagas_v2 (saga, tenant, status, id);

CREATE TABLE IF NOT EXISTS read_model.commands_v1 (
  stream        text COLLATE "C" NOT NULL,
  command_id    text COLLATE "C" NOT NULL,
  key_id        text COLLATE "C" NOT NULL,
  revision      bigint           NOT NULL,
  events        text             NOT NULL,
  at            timestamptz      NOT NULL,
  recorded_at   timestamptz,
  partition     integer,
  record_offset bigint,
  relayed_at    timestamptz,
  PRIMARY KEY (stream, command_id)
);
CREATE INDEX IF NOT EXISTS commands_v1_key ON read_model.commands_v1 (stream, key_id);

CREATE TABLE IF NOT EXISTS read_model.duties_v1 (
  stream         text COLLATE "C" NOT NULL PRIMARY KEY,
  category       text        NOT NULL,
  revision       bigint      NOT NULL,
  due_at         timestamptz,
  owed_since     timestamptz,
  woken_revision bigint      NOT NULL DEFAULT -1,
  woken_at       timestamptz NOT NULL DEFAULT '-infinity',
  wakings        integer     NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS duties_v1_due ON read_model.duties_v1 (category, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS duties_v1_owed ON read_model.duties_v1 (category, owed_since) WHERE owed_since IS NOT NULL;

CREATE TABLE IF NOT EXISTS read_model.used_names_v1 (
  stream   text COLLATE "C" NOT NULL,
  name     text COLLATE "C" NOT NULL,
  revision bigint           NOT NULL,
  PRIMARY KEY (stream, name)
);
