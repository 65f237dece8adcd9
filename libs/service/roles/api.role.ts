import { inTime } from '#libs/api/http/answer-in-time.js';
import { StageFinder } from '#libs/entity/memory/stage-finder.js';
import { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
import { upcastingStore } from '#libs/event-store/upcasting-store.js';
import { OperatedViews } from '#libs/operations/views/operated-views.js';
import { RebuildOperations } from '#libs/operations/views/rebuild-operations.js';
import { ViewOperations } from '#libs/operations/views/view-operations.js';
import type { HostedService } from '../hosted-service.js';

/** What answers the requests to a service. Feeds end only when they are closed. */
export interface ApiRole {
  readonly feeds: EventFeeds;
  readonly stages: StageFinder;
  readonly viewOperations: ViewOperations;
  readonly rebuildOperations: RebuildOperations;
}

/** Builds what answers the requests. Nothing works by itself before the first request. */
export function createApiRole(hosted: HostedService): ApiRole {
  const { engines, logger } = hosted.options;
  const { store, pool, queryPool } = engines;
  const upcasts = hosted.byCategory(({ decider }) => decider.upcasts ?? {});
  const readSides = hosted.byCategory(({ commandIndex: index, views }) => {
    return { index, views };
  });
  // Operators' work takes longer than requests may, so it uses the projector's pool.
  const kafka = inTime(engines.kafka);
  const views = new OperatedViews(hosted.views);
  return {
    feeds: new EventFeeds(upcastingStore(store, upcasts), logger),
    stages: new StageFinder({ store, pool: queryPool, readSides, logger }),
    viewOperations: new ViewOperations({ pool, kafka, store, views, logger }),
    rebuildOperations: new RebuildOperations({ pool, kafka, views }),
  };
}
