-- Keys of programs. No read model: nothing else holds them, so this schema is never dropped to be filled again.
CREATE SCHEMA IF NOT EXISTS identity;

CREATE TABLE IF NOT EXISTS identity.api_keys (
  id             text        COLLATE "C" PRIMARY KEY,
  tenant         text        COLLATE "C" NOT NULL,
  name           text        NOT NULL,
  roles          text[]      NOT NULL,
  -- SHA-256. The secret itself is not stored.
  secret_hash    bytea       NOT NULL CHECK (length(secret_hash) = 32),
  -- The secret before the last rotation, and until when it still counts.
  previous_hash  bytea       CHECK (length(previous_hash) = 32),
  previous_until timestamptz,
  created_by     text        NOT NULL,
  -- In milliseconds, because pages of the list continue after it.
  created_at     timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
  expires_at     timestamptz NOT NULL,
  rotated_by     text,
  rotated_at     timestamptz,
  -- Of the last rotation that came under an idempotency key.
  rotation       text,
  revoked_by     text,
  revoked_at     timestamptz,
  last_used_at   timestamptz
);
CREATE INDEX IF NOT EXISTS api_keys_list ON identity.api_keys (tenant, created_at DESC, id DESC);
