import type { Pool } from 'pg';
import { ProblemError } from '#libs/core/problem-error.js';
import { viewProblems } from '#libs/read-model/view-problems.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { AskedKafka } from '#libs/kafka/kafka.js';
import type { Logger } from '#libs/runtime/logger.js';
import {
  findParked,
  findParkedEntity,
  findWaiting,
  type PageRequest,
} from '#libs/read-model/parking/parked.queries.js';
import { type TakenUp, takeUp, type TakeUp } from '#libs/read-model/parking/take-up.js';
import { findAudit } from '#libs/read-model/parking/view-audit.js';
import { ViewFolder } from '#libs/read-model/view-folder.js';
import { type ViewStanding, viewStandings } from '#libs/read-model/view-standing.js';
import { answerIn } from '#libs/api/http/answer-in-time.js';
import type { OperatedViews } from './operated-views.js';

/** The longest that somebody who only looks waits for PostgreSQL. */
const READ_MILLISECONDS = 10_000;

export interface ViewOperationsOptions {
  readonly pool: Pool;
  readonly kafka: AskedKafka;
  readonly store: EventStore;
  /** All views of the service. */
  readonly views: OperatedViews;
  readonly logger: Logger;
}

/** What operators may ask of the views of a service, and do with them. Throws problems, and what servers fail with. */
export class ViewOperations {
  constructor(private readonly options: ViewOperationsOptions) {}

  /** How every view is doing. */
  list(): Promise<readonly ViewStanding[]> {
    const { pool, kafka, views } = this.options;
    return answerIn(READ_MILLISECONDS, 'postgres', viewStandings(pool, kafka, views.all));
  }

  /** A page of the entities that a view has parked. */
  async parked(key: string, page: PageRequest) {
    const { pool, views } = this.options;
    views.called(key);
    return answerIn(READ_MILLISECONDS, 'postgres', findParked(pool, key, page));
  }

  /** One of them, with a page of the events that wait. */
  async parkedEntity(key: string, stream: string, page: PageRequest) {
    const { pool, views } = this.options;
    views.called(key);
    assertStorable(key, stream);
    const found = Promise.all([findParkedEntity(pool, key, stream), findWaiting(pool, key, stream, page)]);
    const [entity, { data: events, nextCursor }] = await answerIn(READ_MILLISECONDS, 'postgres', found);
    if (!entity) throw notParked(key, stream);
    return { ...entity, events, ...(nextCursor !== undefined && { nextCursor }) };
  }

  /** Takes a parked entity up again. */
  async takeUp(key: string, request: Omit<TakeUp, 'view'>): Promise<TakenUp> {
    const { pool, store, logger, views } = this.options;
    const view = views.called(key);
    assertStorable(key, request.stream);
    return takeUp(pool, new ViewFolder({ view, store, logger }), { ...request, view });
  }

  /** A page of what operators did: to one view, or to all of the service. */
  async audit(key: string | undefined, page: PageRequest) {
    const { pool, views } = this.options;
    if (key !== undefined) views.called(key);
    const audit = findAudit(pool, { views: key === undefined ? views.keys : [key], ...page });
    return answerIn(READ_MILLISECONDS, 'postgres', audit);
  }
}

/** No text of PostgreSQL holds a NUL: nothing of such a name was ever parked, and to ask for it would fail. */
function assertStorable(key: string, stream: string): void {
  if (stream.includes('\0')) throw notParked(key, stream);
}

function notParked(key: string, stream: string): ProblemError {
  return new ProblemError(viewProblems.notParked, `${stream} is not parked in ${key}`);
}
