import type { Pool } from 'pg';
import type { AnyView } from '#libs/core/view-definition.js';
import { waitForRevisions } from '#libs/read-model/view-revision.js';
import { streamsOf } from './consistency-token.js';

const PATIENCE_MILLISECONDS = 2_000;

/**
 * Lets a client read its own writes. If the request sends the `Consistency-Token` of earlier
 * replies, the list waits at most 2 s for its view to show those revisions. If the view is still
 * behind, the headers of the reply report by how much. Does not wait for entities of other
 * categories or tenants, nor for parked entities. Resolves to the headers of the reply.
 */
export async function awaitWritten(
  pool: Pool,
  view: AnyView,
  tenant: string,
  token: string | undefined,
): Promise<Record<string, string>> {
  if (token === undefined) return {};
  const wanted = streamsOf(token, view.category, tenant);
  if (wanted.size === 0) return {};
  const shown = await waitForRevisions(pool, view, wanted, PATIENCE_MILLISECONDS);
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
