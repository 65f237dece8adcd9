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

/** The longest that a read waits for PostgreSQL. */
const READ_MILLISECONDS = 10_000;

export interface ViewOperationsOptions {
  readonly pool: Pool;
  readonly kafka: AskedKafka;
  readonly store: EventStore;
  /** All views of the service. */
  readonly views: OperatedViews;
  readonly logger: Logger;
}

/**
 * Queries and actions of operators on the views of a service. Throws problems, and errors of the
 * servers.
 */
export class ViewOperations {
  constructor(private readonly options: ViewOperationsOptions) {}

  /** The state of every view. */
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

  /** One of them, with a page of its pending events. */
  async parkedEntity(key: string, stream: string, page: PageRequest) {
    const { pool, views } = this.options;
    views.called(key);
    assertStorable(key, stream);
    const found = Promise.all([findParkedEntity(pool, key, stream), findWaiting(pool, key, stream, page)]);
    const [entity, { data: events, nextCursor }] = await answerIn(READ_MILLISECONDS, 'postgres', found);
    if (!entity) throw notParked(key, stream);
    return { ...entity, events, ...(nextCursor !== undefined && { nextCursor }) };
  }

  /** Retries, skips or patches a parked entity. */
  async takeUp(key: string, request: Omit<TakeUp, 'view'>): Promise<TakenUp> {
    const { pool, store, logger, views } = this.options;
    const view = views.called(key);
    assertStorable(key, request.stream);
    return takeUp(pool, new ViewFolder({ view, store, logger }), { ...request, view });
  }

  /** A page of operator actions on one view, or on all of the service. */
  async audit(key: string | undefined, page: PageRequest) {
    const { pool, views } = this.options;
    if (key !== undefined) views.called(key);
    const audit = findAudit(pool, { views: key === undefined ? views.keys : [key], ...page });
    return answerIn(READ_MILLISECONDS, 'postgres', audit);
  }
}

/**
 * PostgreSQL text cannot contain NUL: nothing with such a name was ever parked, and the query would
 * fail.
 */
function assertStorable(key: string, stream: string): void {
  if (stream.includes('\0')) throw notParked(key, stream);
}

function notParked(key: string, stream: string): ProblemError {
  return new ProblemError(viewProblems.notParked, `${stream} is not parked in ${key}`);
}
