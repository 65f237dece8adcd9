import type { TimelineItem } from '#contracts/timeline.js';
import type { StageFinder } from '#libs/entity/memory/stage-finder.js';
import type { AskedTimeline, TimelineSource } from './asked-timeline.js';

/** How far the topic and the views have followed the last event of a page. */
export function readSide(stages: StageFinder): TimelineSource {
  return {
    name: 'postgres',
    items: async ({ events, stream, now }: AskedTimeline) => {
      const last = events.at(-1);
      if (!last) return [];
      const { revision, type, metadata, recordedAt } = last;
      const { commandId, at } = metadata;
      const receipt = { status: 'accepted', commandId, revision, events: [type], at } as const;
      const { relayed, projected } = await stages.find(stream, receipt);
      if (relayed.state === 'unknown' && projected.every(({ state }) => state === 'unknown')) {
        throw new Error('it is not known what the views show');
      }
      const topic: TimelineItem = {
        id: `topic-${revision}`,
        lane: 'topic',
        at: relayed.at ?? recordedAt,
        title: relayed.topic ?? 'Topic',
        detail: relayed.state === 'done' ? `offset ${relayed.offset}` : relayed.state,
        revision,
      };
      const views = projected.map(({ view, state, at: shownAt }): TimelineItem => ({
        id: `view-${view}-${revision}`,
        lane: 'view',
        at: shownAt ?? recordedAt,
        // What is still waited for has no end yet.
        ...(state === 'waiting' && { until: now }),
        title: view,
        detail: state === 'done' ? `shows revision ${revision}` : state,
        revision,
      }));
      return [topic, ...views];
    },
  };
}
