import type { PoolClient } from 'pg';
import type { JsonObject } from '#libs/core/json.js';
import type { PublishedEvent } from '#libs/core/published-event.js';

/** What is folded instead of an event. Fields that it lacks stay unchanged. */
export interface Replacement extends JsonObject {
  readonly data: JsonObject;
  readonly type?: string;
  readonly schemaVersion?: number;
}

/** What an operator decided about one event in one view. */
export type Amendment =
  { readonly verb: 'skip' } | { readonly verb: 'patch'; readonly replacement: Replacement };

/** The amendments of some streams, by {@link amendmentKey}. */
export type Amendments = ReadonlyMap<string, Amendment>;

interface Found {
  readonly stream: string;
  readonly revision: string;
  readonly verb: Amendment['verb'];
  readonly replacement: Replacement | null;
}

/** The key of one event. */
function amendmentKey({ stream, revision }: Pick<PublishedEvent, 'stream' | 'revision'>): string {
  return `${stream}@${revision}`;
}

/** Decisions about events of these streams in a view. */
export async function loadAmendments(
  client: PoolClient,
  view: string,
  streams: readonly string[],
): Promise<Amendments> {
  const { rows } = await client.query<Found>({
    name: 'load amendments',
    text: `SELECT stream, revision, verb, replacement FROM read_model.amended_events
           WHERE view = $1 AND stream = ANY ($2)`,
    values: [view, streams],
  });
  return new Map(
    rows.map(({ stream, revision, verb, replacement }) => [
      amendmentKey({ stream, revision: Number(revision) }),
      verb === 'patch' && replacement ? { verb, replacement } : { verb: 'skip' },
    ]),
  );
}

/** The event as the view folds it, or undefined if it is skipped. */
export function amended(event: PublishedEvent, amendments: Amendments): PublishedEvent | undefined {
  const amendment = amendments.get(amendmentKey(event));
  if (!amendment) return event;
  return amendment.verb === 'skip' ? undefined : { ...event, ...amendment.replacement };
}

/** Records a decision about an event, valid from now on. */
export async function saveAmendment(
  client: PoolClient,
  view: string,
  original: PublishedEvent,
  amendment: Amendment,
): Promise<void> {
  const { stream, revision } = original;
  const replacement = amendment.verb === 'patch' ? JSON.stringify(amendment.replacement) : null;
  await client.query(
    `INSERT INTO read_model.amended_events (view, stream, revision, verb, replacement, original)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (view, stream, revision)
     DO UPDATE SET verb = excluded.verb, replacement = excluded.replacement, amended_at = now()`,
    [view, stream, revision, amendment.verb, replacement, JSON.stringify(original)],
  );
}

/** Removes a decision about an event. */
export async function withdrawAmendment(
  client: PoolClient,
  view: string,
  stream: string,
  revision: number,
): Promise<void> {
  await client.query(
    'DELETE FROM read_model.amended_events WHERE view = $1 AND stream = $2 AND revision = $3',
    [view, stream, revision],
  );
}
