import type { EventLog } from './event-log.js';
import type { ResolvedEvent } from './event-response.js';
import { LINK_TYPE, type StoredEvent, toRevision } from './stored-event.js';
import { isMissing, visibleRange } from './stream-state.js';

/** The target of a link event. */
export interface LinkTarget {
  readonly revision: bigint;
  readonly stream: string;
}

/** With a possible name of a stream. */
const LINK = /^(?<revision>\d{1,19})@(?<stream>[^\0]+)$/;

/**
 * Parses the data of a link event, `revision@stream`. Returns undefined for a malformed link, or an
 * event that is not a link.
 */
export function linkTargetOf({ type, data }: StoredEvent): LinkTarget | undefined {
  if (type !== LINK_TYPE) return undefined;
  const { revision, stream } = LINK.exec(Buffer.from(data).toString('utf8'))?.groups ?? {};
  return revision === undefined || stream === undefined
    ? undefined
    : { revision: toRevision(revision), stream };
}

/** Adds the target to each link event, unless the target does not exist or is no longer visible. */
export async function resolveLinks(log: EventLog, events: readonly StoredEvent[]): Promise<ResolvedEvent[]> {
  const targets = new Map(
    events.flatMap((event) => {
      const target = linkTargetOf(event);
      return target ? [[event, target] as const] : [];
    }),
  );
  if (targets.size === 0) return events.map(unresolved);
  const found = await readVisible(log, [...targets.values()]);
  return events.map((event) => {
    const target = targets.get(event);
    return target ? { event: found.get(keyOf(target)), link: event } : unresolved(event);
  });
}

export const unresolved = (event: StoredEvent): ResolvedEvent => ({ event, link: undefined });

async function readVisible(log: EventLog, targets: readonly LinkTarget[]): Promise<Map<string, StoredEvent>> {
  const [views, events] = await Promise.all([
    log.views([...new Set(targets.map(({ stream }) => stream))]),
    log.reader.events(targets),
  ]);
  const now = Date.now();
  const visible = events.filter(({ stream, revision, created }) => {
    const view = views.get(stream);
    if (!view || view.isTombstoned || isMissing(view)) return false;
    const { from, createdFrom = 0n } = visibleRange(view, now);
    return revision >= from && created >= createdFrom;
  });
  return new Map(visible.map((event) => [keyOf(event), event]));
}

const keyOf = ({ revision, stream }: LinkTarget): string => `${revision}@${stream}`;
