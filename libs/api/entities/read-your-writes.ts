import type { Pool } from 'pg';
import type { AnyView } from '#libs/core/view-definition.js';
import { type Possessions, type Shown, waitForRevisions } from '#libs/read-model/view-revision.js';
import { streamsOf } from './consistency-token.js';

const PATIENCE_MILLISECONDS = 2_000;

/**
 * Lets a client read its own writes. If the request sends the `Consistency-Token` of earlier
 * replies, the list waits at most 2 s for its views to show those revisions. If a view is still
 * behind, the headers of the reply report by how much. Does not wait for entities of other
 * categories or tenants, nor for parked entities. With `only`, entities of others are reported as
 * if they did not exist. Resolves to the headers of the reply.
 */
export async function awaitWritten(
  pool: Pool,
  views: readonly AnyView[],
  tenant: string,
  token: string | undefined,
  only?: Possessions,
): Promise<Record<string, string>> {
  if (token === undefined) return {};
  const asked = views
    .map((view) => ({ view, streams: streamsOf(token, view.category, tenant) }))
    .filter(({ streams }) => streams.size > 0);
  if (asked.length === 0) return {};
  const wanted = new Map(asked.flatMap(({ streams }) => [...streams]));
  const answers = asked.map(({ view, streams }) =>
    waitForRevisions(pool, view, streams, PATIENCE_MILLISECONDS, only),
  );
  const shown = leastOf(await Promise.all(answers));
  const missing = [...wanted].map(([stream, revision]) => revision - (shown.get(stream)?.revision ?? -1));
  const staleBy = missing.reduce((sum, revisions) => sum + Math.max(revisions, 0), 0);
  const parked = [...shown].filter(
    ([stream, { parkedAt = Infinity }]) => parkedAt <= (wanted.get(stream) ?? -1),
  );
  return {
    'consistency-token': [...shown].map(([stream, { revision }]) => `${stream}@${revision}`).join(', '),
    ...(staleBy > 0 && { 'stale-by': String(staleBy) }),
    ...(parked.length > 0 && {
      'stale-parked': parked.map(([stream, { parkedAt }]) => `${stream}@${parkedAt}`).join(', '),
    }),
  };
}

/** What all views of a category show: that of the view which is furthest behind. */
function leastOf(answers: readonly ReadonlyMap<string, Shown>[]): ReadonlyMap<string, Shown> {
  const least = new Map<string, Shown>();
  for (const [stream, shown] of answers.flatMap((answer) => [...answer])) {
    const { revision = Infinity, parkedAt } = least.get(stream) ?? {};
    const isParkedAt = shown.parkedAt ?? parkedAt;
    least.set(stream, {
      revision: Math.min(revision, shown.revision),
      ...(isParkedAt !== undefined && { parkedAt: Math.min(isParkedAt, parkedAt ?? Infinity) }),
    });
  }
  return least;
}
