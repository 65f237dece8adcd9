import { EVENT_COLUMNS } from './event-row.js';
import { LAST_REVISION } from './stored-event.js';

/**
 * Creates what is missing. Stream names compare byte by byte, as in the store. `erased` keeps the
 * last revision of a stream whose last event was erased, so that its revisions continue from there.
 */
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
create index if not exists events_id on event_store.events (id);
create index if not exists events_tombstones on event_store.events (stream) where revision = ${LAST_REVISION};
create table if not exists event_store.erased (
  stream text collate "C" primary key,
  revision bigint not null
);
`;

/** Held by the one server that may write. */
export const WRITER_LOCK = [7_351_046, 1] as const;

/**
 * All queries fetch a few rows by an index. A plan made for a small table would scan it, and
 * prepared statements keep their plans. So statements are planned once, for any values and any
 * size.
 */
export const SESSION_SETTINGS = [
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'plan_cache_mode=force_generic_plan',
  'jit=off',
  // Required by the row parsers of this server, and by its guarantees.
  'bytea_output=hex',
  'synchronous_commit=on',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

const INSERT = `insert into event_store.events (${EVENT_COLUMNS})`;

export const INSERT_EVENTS = {
  name: 'insert-events',
  text: `
${INSERT}
select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::boolean[], $7::bytea[], $8::bytea[], $9::bigint[])`,
};

/**
 * Up to this many rows are passed as single values: for few rows, PostgreSQL needs a quarter more
 * time to expand arrays.
 */
const MOST_ONE_BY_ONE = 8;

const COLUMNS = EVENT_COLUMNS.split(', ');
const ONE_BY_ONE = Array.from({ length: MOST_ONE_BY_ONE + 1 }, (_, count) => {
  const rowOf = (row: number): string =>
    `(${COLUMNS.map((__, column) => `$${row * COLUMNS.length + column + 1}`).join(', ')})`;
  const rows = Array.from({ length: count }, (__, row) => rowOf(row));
  return { name: `insert-${count}-events`, text: `${INSERT} values ${rows.join(', ')}` };
});

/** The statement for this many rows, whose values follow one another, or undefined for too many. */
export const insertOneByOne = (count: number) => ONE_BY_ONE[count];

/**
 * Writes all rows, or none if one of the ids that were assumed to be new is in its stream already.
 */
export const INSERT_EVENTS_UNLESS_REPEATED = {
  name: 'insert-events-unless-repeated',
  text: `${INSERT_EVENTS.text}
where not exists (
  select from unnest($10::text[], $11::uuid[]) as taken_as_new (stream, id)
  join event_store.events using (id, stream)
)`,
};

export const STREAM_STATES = {
  name: 'stream-states',
  text: `
select name,
  greatest(
    (select revision from event_store.events where stream = name order by revision desc limit 1),
    (select revision from event_store.erased where stream = name)
  ) as revision,
  greatest(
    metadata.revision,
    (select revision from event_store.erased where stream = '$$' || name)
  ) as metadata_revision,
  case when metadata.is_json then metadata.data end as metadata
from unnest($1::text[]) as name
left join lateral (
  select revision, is_json, data from event_store.events
  where stream = '$$' || name order by revision desc limit 1
) as metadata on true`,
};

export const EVENTS_FROM = {
  name: 'events-from',
  text: `
select id, position from event_store.events
where stream = $1 and revision >= $2 and revision < $3 order by revision`,
};

export const LAST_REVISION_OF_ID = {
  name: 'last-revision-of-id',
  text: 'select max(revision) as revision from event_store.events where id = $1 and stream = $2',
};

/**
 * The streams that have metadata or a tombstone, in order, after a given one. Metadata streams have
 * neither.
 */
export const ERASABLE_STREAMS = {
  name: 'erasable-streams',
  text: `
select stream from (
  (select distinct substr(stream, 3) as stream from event_store.events
   where stream > '$$' || $1 and stream >= '$$' and stream < '$%' and not starts_with(stream, '$$$$') order by 1 limit $2)
  union
  (select stream from event_store.events
   where revision = ${LAST_REVISION} and stream > $1 order by 1 limit $2)
) as erasable order by stream limit $2`,
};

/**
 * Erases events, and remembers the last revisions of their streams. The last event of the log stays
 * until another one follows, because positions continue from it.
 */
export const ERASE = {
  name: 'erase',
  text: `
with gone as (
  delete from event_store.events as event
  using unnest($1::text[], $2::bigint[], $3::bigint[]) as doomed (stream, before, created_before)
  where event.stream = doomed.stream and event.revision < ${LAST_REVISION}
    and (event.revision < doomed.before or event.created < doomed.created_before)
    and event.position < (select max(position) from event_store.events)
  returning event.stream, event.revision
), remembered as (
  insert into event_store.erased as erased (stream, revision)
  select stream, max(revision) from gone group by stream
  on conflict (stream) do update set revision = greatest(erased.revision, excluded.revision)
)
select count(*)::int as count from gone`,
};
