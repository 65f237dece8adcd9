import type { Pool } from 'pg';

/** How many entities a query lists. */
const PAGE = 1_000;

/**
 * The streams of at most `limit` entities of a view that follow `after` in order of name, by the
 * key of the view. An entity is listed from its first event on, also while it is parked.
 */
export async function entitiesAfter(
  pool: Pick<Pool, 'query'>,
  { view, after, limit }: { readonly view: string; readonly after: string; readonly limit: number },
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ stream: string }>(
    'SELECT stream FROM read_model.entities WHERE view = $1 AND stream > $2 ORDER BY stream LIMIT $3',
    [view, after, limit],
  );
  return rows.map(({ stream }) => stream);
}

/**
 * The streams of all entities of a view, in order of name, or of those whose name starts with a
 * prefix.
 */
export async function* allEntities(
  pool: Pick<Pool, 'query'>,
  view: string,
  prefix = '',
): AsyncGenerator<string> {
  let after = prefix;
  for (;;) {
    const streams = await entitiesAfter(pool, { view, after, limit: PAGE });
    for (const stream of streams) {
      if (!stream.startsWith(prefix)) return;
      yield stream;
    }
    after = streams.at(-1) ?? '';
    if (streams.length < PAGE) return;
  }
}
