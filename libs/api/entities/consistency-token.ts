import { InvalidRequestError, problems } from '#libs/core/problems.js';
import { parseStreamName, STREAM_NAME } from '#libs/core/entity-id.js';

/** The token of one reply: a stream and its revision. */
export const CONSISTENCY_TOKEN = new RegExp(`^(${STREAM_NAME})@(\\d{1,15}|-1)$`);
/** The most tokens, and therefore entities, that one request may wait for. */
export const MOST_ENTITIES = 50;

/** The `Consistency-Token` header of a reply: `account-default.alice@17`. */
export function consistencyTokenOf(stream: string, revision: number): Record<string, string> {
  return revision < 0 ? {} : { 'consistency-token': `${stream}@${revision}` };
}

/**
 * The revisions that a `Consistency-Token` header requires, by stream. The header may hold the
 * tokens of several replies, separated by commas. If an entity occurs more than once, its highest
 * revision counts. Streams of other categories and tenants are left out. Throws a problem for a
 * malformed token.
 */
export function streamsOf(header: string, category: string, tenant: string): ReadonlyMap<string, number> {
  const tokens = header.split(',').map((token) => token.trim());
  if (tokens.length > MOST_ENTITIES) throw badToken(`at most ${MOST_ENTITIES} may be sent at once`);
  const wanted = new Map<string, number>();
  for (const token of tokens) {
    const [, stream = '', revision = ''] = CONSISTENCY_TOKEN.exec(token) ?? [];
    const parsed = parseStreamName(stream);
    if (!parsed) throw badToken('send the token of a reply back unchanged');
    if (parsed.category !== category || parsed.tenant !== tenant) continue;
    wanted.set(stream, Math.max(Number(revision), wanted.get(stream) ?? -1));
  }
  return wanted;
}

function badToken(detail: string): Error {
  return new InvalidRequestError(problems.invalidHeader, [{ header: 'Consistency-Token', detail }]);
}
