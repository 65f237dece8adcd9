import { useInfiniteQuery } from '@tanstack/react-query';
import type { Timeline as TimelinePage, TimelineItem } from '#contracts/timeline.js';
import type { Category } from './catalog.js';
import { perdure } from './client.js';

export type { TimelineItem };

/** What each kind of thing that happens is called, in the order in which it is shown. */
export const LANES: Readonly<Record<Lane, string>> = {
  request: 'Requests',
  receipt: 'Receipts',
  workflow: 'Workflows',
  event: 'Events',
  topic: 'Topic',
  view: 'Views',
  timer: 'Timers',
  hold: 'Holds',
  saga: 'Sagas',
  approval: 'Approvals',
  callback: 'Callbacks',
};

export type Lane = TimelineItem['lane'];

/** All that is known of what happened to an entity, sorted by time. */
export type Timeline = Pick<TimelinePage, 'now' | 'items' | 'missing'>;

const LIMIT = 100;
/** How much is shown of what was before a command. */
const BEFORE = 20;

interface PageParam {
  readonly after?: number;
  readonly limit: number;
}

/** The timeline of an entity around its latest events, or around those of a command. */
export function useTimeline({ name }: Category, id: string, commandId: string | undefined) {
  return useInfiniteQuery({
    queryKey: ['timeline', name, id, commandId],
    initialPageParam: undefined as PageParam | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = pageParam ?? (await startAt(name, id, commandId));
      return perdure.get<TimelinePage>(`/v1/timeline/${name}/${encodeURIComponent(id)}`, {
        query: { ...query },
        signal,
      });
    },
    getNextPageParam: ({ nextCursor }): PageParam | undefined =>
      nextCursor === undefined ? undefined : { after: Number(nextCursor), limit: LIMIT },
    getPreviousPageParam: ({ items }) => before(items),
    select: ({ pages }) => merged(pages),
  });
}

/** The receipt of a command knows its revision. Without one, the latest events are shown. */
async function startAt(category: string, id: string, commandId: string | undefined): Promise<PageParam> {
  if (commandId === undefined) return { limit: LIMIT };
  const receipt = await perdure
    .entity(category as 'account', id)
    .receipt(commandId)
    .catch(() => undefined);
  if (receipt?.revision === undefined) return { limit: LIMIT };
  return { after: Math.max(-1, receipt.revision - BEFORE), limit: LIMIT };
}

/** The events before those of a page. */
function before(items: readonly TimelineItem[]): PageParam | undefined {
  const revisions = items.flatMap(({ lane, revision }) => (lane === 'event' ? [revision ?? 0] : []));
  const first = Math.min(...revisions);
  if (revisions.length === 0 || first === 0) return undefined;
  return { after: Math.max(-1, first - 1 - LIMIT), limit: Math.min(first, LIMIT) };
}

/** Pages overlap in what belongs to no event, such as the runs of the workflow. */
function merged(pages: readonly TimelinePage[]): Timeline {
  const items = new Map(pages.flatMap((page) => page.items.map((item) => [item.id, item])));
  const missing = new Map(pages.flatMap((page) => page.missing.map((one) => [one.source, one])));
  return {
    now: pages.at(-1)?.now ?? new Date().toISOString(),
    items: [...items.values()].sort((a, b) => a.at.localeCompare(b.at)),
    missing: [...missing.values()],
  };
}
