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
