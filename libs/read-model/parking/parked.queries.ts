import type { Pool } from 'pg';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { findPage } from '../list-query.js';
import { decodeCursor, decodeCursorParts, encodeCursor, type Page } from '../page.js';

/** An entity that a view could not fold further. */
export interface ParkedItem {
  readonly stream: string;
  /** Of the event that failed. */
  readonly revision: number;
  readonly reason: string;
  readonly attempts: number;
  /** That event itself is fine: pending events are being folded. */
  readonly catchingUp: boolean;
  readonly parkedAt: string;
  readonly triedAt: string;
  /** Pending events, including the one that failed. */
  readonly waiting: number;
}

interface Found {
  readonly stream: string;
  readonly revision: string;
  readonly reason: string;
  readonly attempts: number;
  readonly parked_at: Date;
  readonly tried_at: Date;
  readonly waiting: string;
}

const SELECT = `SELECT parked.*, (SELECT count(*) FROM read_model.parked_events event
    WHERE event.view = parked.view AND event.stream = parked.stream) AS waiting
  FROM read_model.parked_entities parked`;

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The entities that a view has parked, in order of their streams. Throws `InvalidCursorError`. */
export function findParked(pool: Pool, view: string, page: PageRequest): Promise<Page<ParkedItem>> {
  return findPage(pool, {
    select: SELECT,
    where: [
      ['parked.view = ?', view],
      ['parked.stream > ?', page.cursor === undefined ? undefined : decodeCursor(page.cursor)],
    ],
    orderBy: 'parked.stream',
    limit: page.limit,
    toItem,
    cursorOf: ({ stream }) => encodeCursor(stream),
  });
}

/** One entity that a view has parked, or undefined if it has not. */
export async function findParkedEntity(
  pool: Pool,
  view: string,
  stream: string,
): Promise<ParkedItem | undefined> {
  const { rows } = await pool.query<Found>(`${SELECT} WHERE parked.view = $1 AND parked.stream = $2`, [
    view,
    stream,
  ]);
  return rows[0] && toItem(rows[0]);
}

/**
 * The pending events of a parked entity, in order, the one that failed first. Throws
 * `InvalidCursorError`.
 */
export function findWaiting(
  pool: Pool,
  view: string,
  stream: string,
  { limit, cursor }: PageRequest,
): Promise<Page<PublishedEvent>> {
  const [after] = decodeCursorParts(cursor, /^(\d{1,15})$/);
  return findPage<{ readonly event: PublishedEvent }, PublishedEvent>(pool, {
    select: 'SELECT event FROM read_model.parked_events',
    where: [
      ['view = ?', view],
      ['stream = ?', stream],
      ['revision > ?', after],
    ],
    orderBy: 'revision',
    limit,
    toItem: ({ event }) => event,
    cursorOf: ({ revision }) => encodeCursor(String(revision)),
  });
}

function toItem({ stream, revision, reason, attempts, parked_at, tried_at, ...rest }: Found): ParkedItem {
  return {
    stream,
    revision: Number(revision),
    reason,
    attempts,
    catchingUp: attempts === 0,
    parkedAt: parked_at.toISOString(),
    triedAt: tried_at.toISOString(),
    waiting: Number(rest.waiting),
  };
}
