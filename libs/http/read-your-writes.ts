import type { Pool } from 'pg';
import { isEntityId, parseStreamName } from '#libs/decider/entity-id.js';
import type { AnyView } from '#libs/read-model/view-definition.js';
import { waitForRevision } from '#libs/read-model/view-revision.js';
import { invalid } from './request-problems.js';

const PATIENCE_MILLISECONDS = 2_000;
const TOKEN = /^(.{1,300})@(\d{1,15})$/;

/**
 * Lets a client read what it has written: with the `Consistency-Token` of a reply, a list waits (at most 2 s) until its
 * view shows that revision, and says so when it does not yet. Resolves to headers of the reply.
 */
export async function awaitWritten(
  pool: Pool,
  view: AnyView,
  token: string | undefined,
): Promise<Record<string, string>> {
  if (token === undefined) return {};
  const [, stream = '', revision = ''] = TOKEN.exec(token) ?? [];
  const parsed = parseStreamName(stream);
  if (!parsed || !isEntityId(parsed.id)) {
    const detail = 'send the token of a command reply back as it came';
    throw invalid('REQUEST.INVALID_HEADER', [{ header: 'Consistency-Token', detail }]);
  }
  const wanted = Number(revision);
  const shown = await waitForRevision(pool, view, stream, wanted, PATIENCE_MILLISECONDS);
  return {
    'consistency-token': `${stream}@${shown}`,
    ...(shown < wanted && { 'stale-by': String(wanted - shown) }),
  };
}
