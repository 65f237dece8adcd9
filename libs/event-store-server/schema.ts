/** Creates what is missing. The name of a stream compares byte by byte, as the store does. */
export const SCHEMA = `
create schema if not exists event_store;
create table if not exists event_store.events (
  position bigint primary key,
  stream text collate "C" not null,
  revision bigint not null,
  id uuid not null,
  type text not null,
  is_json boolean not null,
  data bytea not null,
  metadata bytea not null,
  created bigint not null,
  unique (stream, revision)
);
`;

/** Held by the one server that may write. */
export const WRITER_LOCK = [7_351_046, 1] as const;

export const INSERT_EVENTS = `
insert into event_store.events (position, stream, revision, id, type, is_json, data, metadata, created)
select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::boolean[], $7::bytea[], $8::bytea[], $9::bigint[])`;
