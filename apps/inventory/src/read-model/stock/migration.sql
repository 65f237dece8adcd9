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

-- What is to be ordered, and what is sold out, in the order of the list: few of many.
CREATE INDEX stock_v2_low ON read_model.stock_v2 (tenant, id) WHERE available <= reorder_point;
CREATE INDEX stock_v2_sold_out ON read_model.stock_v2 (tenant, id) WHERE available = 0;
