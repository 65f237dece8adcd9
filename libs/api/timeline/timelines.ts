import type { Client } from '@temporalio/client';
import { LANES, type Timeline, type TimelineItem } from '#contracts/timeline.js';
import type { JsonObject } from '#libs/core/json.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { emptyFold } from '#libs/entity/activities/fold-stream.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { EntityHistory } from '#libs/entity/gateway/entity-history.js';
import type { StageFinder } from '#libs/entity/memory/stage-finder.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { within } from '#libs/runtime/within.js';
import type { AskedTimeline, ShownEntity, TimelineSource } from './asked-timeline.js';
import { timerItems } from './planned-timers.js';
import { readSide } from './read-side.js';
import { firstFrom } from './first-from.js';
import type { TimelineQuery } from './timeline-query.js';
import { commandItems, eventItems, relatedItems } from './told-events.js';
import { workflowRuns } from './workflow-runs.js';

/** A source that takes longer is left out. */
const SOURCE_MILLISECONDS = 1_500;

/** What the sources of timelines ask. */
export interface TimelineOptions {
  readonly gateway: Pick<EntityGateway, 'events'>;
  readonly history: EntityHistory;
  readonly client: Client;
  readonly stages: StageFinder;
}

/**
 * Joins what is known of an entity on one axis of time. What a server does not tell within its time
 * is named in the answer. A class, so that Nest can inject it.
 */
export class Timelines {
  private readonly sources: readonly TimelineSource[];

  constructor(private readonly options: TimelineOptions) {
    const { client, stages } = options;
    this.sources = [workflowRuns(client), readSide(stages)];
  }

  /**
   * A page of the timeline; undefined if the entity has no events. Throws `EngineUnavailableError`
   * if the store does not answer, and `HistoryNotReadError`.
   */
  async page(
    entity: ShownEntity,
    id: string,
    stream: string,
    query: TimelineQuery,
  ): Promise<Timeline | undefined> {
    const { gateway, history } = this.options;
    const now = toTimestamp(Date.now());
    const latest = await history.fold(stream, { at: toTimestamp(Infinity) });
    if (!latest) return undefined;
    const from = await firstRevision(gateway, stream, latest.revision, query);
    const found = await gateway.events(stream, { from, limit: query.limit + 1 });
    const events = found.slice(0, query.limit).filter(({ metadata: { at } }) => !query.to || at <= query.to);
    const before = from > 0 ? await history.fold(stream, { revision: from - 1 }) : undefined;
    const page = { entity, id, stream, now, events, before: before ?? emptyFold(entity.decider), latest };
    const isLast = found.length <= query.limit;
    const others = isLast ? this.sources : [];
    const missing: { source: string; reason: string }[] = [];
    const asked = await Promise.all(others.map((source) => askedOf(source, page, missing)));
    const planned = isLast ? timerItems(page) : [];
    const items = [
      ...eventItems(page),
      ...commandItems(page),
      ...relatedItems(page),
      ...asked.flat(),
      ...planned,
    ];
    const shown = items.filter(({ at, until = at }) => isWithin(at, until, query)).toSorted(inOrder);
    const state = (entity.present(latest.state as never) as JsonObject)['status'];
    const last = events.at(-1);
    return {
      category: entity.contract.name,
      id,
      ...(typeof state === 'string' && { state }),
      now,
      items: shown,
      ...(!isLast && last && events.length === query.limit && { nextCursor: String(last.revision) }),
      missing,
    };
  }
}

/** Without a place to start, a page ends with the latest event. */
async function firstRevision(
  gateway: Pick<EntityGateway, 'events'>,
  stream: string,
  last: number,
  { after, from, limit }: TimelineQuery,
): Promise<number> {
  if (after !== undefined) return after + 1;
  if (from === undefined) return Math.max(0, last - limit + 1);
  const at = async (revision: number): Promise<RecordedEvent | undefined> =>
    (await gateway.events(stream, { from: revision, limit: 1 }))[0];
  return firstFrom(from, last, async (revision) => (await at(revision))?.metadata.at ?? '');
}

/** What an error says is for logs: it may name servers. */
async function askedOf(
  source: TimelineSource,
  page: AskedTimeline,
  missing: { source: string; reason: string }[],
): Promise<readonly TimelineItem[]> {
  const lack = (reason: string): readonly TimelineItem[] => {
    missing.push({ source: source.name, reason });
    return [];
  };
  const found = source.items(page).catch(() => lack('it could not be asked'));
  return within(found, SOURCE_MILLISECONDS, () => lack('it did not answer in time'));
}

function isWithin(at: string, until: string, { from = '', to = '~' }: TimelineQuery): boolean {
  return at <= to && until >= from;
}

function inOrder(a: TimelineItem, b: TimelineItem): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return LANES.indexOf(a.lane) - LANES.indexOf(b.lane) || (a.revision ?? 0) - (b.revision ?? 0);
}
