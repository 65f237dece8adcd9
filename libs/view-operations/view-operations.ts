import type { Pool } from 'pg';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { Logger } from '#libs/observability/logger.js';
import {
  findParked,
  findParkedEntity,
  findWaiting,
  type PageRequest,
} from '#libs/read-model/parking/parked.queries.js';
import { NotParkedError } from '#libs/read-model/parking/parking.errors.js';
import { type TakenUp, takeUp, type TakeUp } from '#libs/read-model/parking/take-up.js';
import { findAudit } from '#libs/read-model/parking/view-audit.js';
import { type AnyView, viewKey } from '#libs/read-model/view-definition.js';
import { ViewFolder } from '#libs/read-model/view-folder.js';
import { type ViewStanding, viewStandings } from '#libs/read-model/view-standing.js';
import { viewProblem } from './view-problems.js';

export interface ViewOperationsOptions {
  readonly pool: Pool;
  readonly kafka: Kafka;
  readonly store: EventStore;
  /** All views of the service. */
  readonly views: readonly AnyView[];
  readonly logger: Logger;
}

/** What operators may ask of the views of a service, and do with them. Throws problems, and what servers fail with. */
export class ViewOperations {
  private readonly views: ReadonlyMap<string, AnyView>;

  constructor(private readonly options: ViewOperationsOptions) {
    this.views = new Map(options.views.map((view) => [viewKey(view), view]));
  }

  /** How every view is doing. */
  list(): Promise<readonly ViewStanding[]> {
    const { pool, kafka, views } = this.options;
    return viewStandings(pool, kafka, views);
  }

  /** A page of the entities that a view has parked. */
  async parked(key: string, page: PageRequest) {
    return findParked(this.options.pool, viewKey(this.viewCalled(key)), page);
  }

  /** One of them, with a page of the events that wait. */
  async parkedEntity(key: string, stream: string, page: PageRequest) {
    const { pool } = this.options;
    const entity = await findParkedEntity(pool, viewKey(this.viewCalled(key)), stream);
    if (!entity) throw new NotParkedError(`${stream} is not parked in ${key}`);
    const { data: events, nextCursor } = await findWaiting(pool, key, stream, page);
    return { ...entity, events, ...(nextCursor !== undefined && { nextCursor }) };
  }

  /** Takes a parked entity up again. */
  async takeUp(key: string, request: Omit<TakeUp, 'view'>): Promise<TakenUp> {
    const { pool, store, logger } = this.options;
    const view = this.viewCalled(key);
    return takeUp(pool, new ViewFolder({ view, store, logger }), { ...request, view });
  }

  /** A page of what operators did: to one view, or to all of the service. */
  async audit(key: string | undefined, page: PageRequest) {
    const views = key === undefined ? [...this.views.keys()] : [viewKey(this.viewCalled(key))];
    return findAudit(this.options.pool, { views, ...page });
  }

  private viewCalled(key: string): AnyView {
    const view = this.views.get(key);
    if (!view) throw viewProblem('VIEW.NOT_FOUND', `there is no view ${key}`);
    return view;
  }
}
