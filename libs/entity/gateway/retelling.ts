import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { KeptPoints, type Point } from './kept-points.js';
import { reading } from './reading.js';

/** The most events that one request reads of a history. */
export const MOST_EVENTS_READ = 20_000;
const MOST_MILLISECONDS = 3_000;
const EVENTS_BETWEEN_POINTS = 5_000;
/** From a point this near, it is not worth looking for a nearer one. */
const NEAR = 500;
const RETRY_AFTER_SECONDS = 1;

/** A place in the history of an entity: after an event, or at a time. */
export type PlaceInPast = { readonly revision: number } | { readonly at: Timestamp };

/** What is told of a history, event by event. */
export interface Telling<P extends Point> {
  /** Before the first event, or a later point that is not behind `accepts`. */
  start(stream: string, accepts: (fold: Fold) => boolean): Promise<P>;
  /** The point after one more event. It may change the one before. */
  after(point: P, event: RecordedEvent): P;
  /** A copy that later events do not change. */
  copy(point: P): P;
  /** What a point holds besides its fold. */
  extraBytes(point: P): number;
}

/**
 * The history is longer than one request reads. What was read is kept, so the next request gets
 * further.
 */
export class HistoryNotReadError extends ProblemError {
  override readonly name = 'HistoryNotReadError';
  constructor(revision: number) {
    const detail = `read up to revision ${revision}; repeat the request to read on`;
    super(problems.historyNotRead, detail, {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      members: { revision },
    });
  }
}

/**
 * Reads histories up to some place. A request reads at most 20,000 events, and for at most 3 s; a
 * place further away takes several, each of which continues where the last one stopped.
 */
export class Retelling<P extends Point> {
  private readonly points = new KeptPoints<P>();

  constructor(
    private readonly store: Pick<EventStore, 'read'>,
    private readonly telling: Telling<P>,
    private readonly mostEvents: number,
  ) {}

  /**
   * What is known at a place; undefined if no event of the stream is there. Throws
   * `HistoryNotReadError`, and `EngineUnavailableError` if the store does not answer.
   */
  async upTo(stream: string, place: PlaceInPast): Promise<P | undefined> {
    const start = await this.startFor(stream, place);
    const { point, isThere } = await reading(() => this.readOn(stream, start, place));
    if (point !== start) this.keep(stream, point);
    if (!isThere) throw new HistoryNotReadError(point.fold.revision);
    const { revision } = point.fold;
    return revision >= 0 && (!('revision' in place) || revision === place.revision) ? point : undefined;
  }

  private async readOn(stream: string, start: P, place: PlaceInPast) {
    const end = performance.now() + MOST_MILLISECONDS;
    let point = start;
    let read = 0;
    const options = { from: start.fold.revision + 1, limit: this.mostEvents + 1 };
    if (isReached(start.fold, place)) return { point, isThere: true };
    for await (const event of this.store.read(stream, options)) {
      if (isBeyond(event, place)) return { point, isThere: true };
      const isLate = read > 0 && performance.now() > end;
      if (read === this.mostEvents || isLate) return { point, isThere: false };
      point = this.telling.after(point, event);
      read += 1;
      if (isReached(point.fold, place)) return { point, isThere: true };
      if (read % EVENTS_BETWEEN_POINTS === 0) this.keep(stream, point);
    }
    return { point, isThere: true };
  }

  private async startFor(stream: string, place: PlaceInPast): Promise<P> {
    const accepts = (fold: Fold) => !isBehind(fold, place);
    const found = this.points.latest(stream, accepts);
    const known = found && (await reading(() => this.isOf(stream, found))) ? found : undefined;
    if (found && !known) this.points.drop(stream);
    if (known && 'revision' in place && place.revision - known.fold.revision <= NEAR) {
      return this.telling.copy(known);
    }
    const start = await reading(() => this.telling.start(stream, accepts));
    return known && known.fold.revision >= start.fold.revision ? this.telling.copy(known) : start;
  }

  /** A stream that was erased, and perhaps written again, has other events. */
  private async isOf(stream: string, { fold, eventId }: P): Promise<boolean> {
    for await (const event of this.store.read(stream, { from: fold.revision, limit: 1 })) {
      return event.revision === fold.revision && event.id === eventId;
    }
    return false;
  }

  private keep(stream: string, point: P): void {
    if (point.eventId === undefined) return;
    const copy = this.telling.copy(point);
    this.points.keep(stream, copy, this.telling.extraBytes(copy));
  }
}

function isReached({ revision }: Fold, place: PlaceInPast): boolean {
  return 'revision' in place && revision === place.revision;
}

function isBeyond({ metadata, revision }: RecordedEvent, place: PlaceInPast): boolean {
  return 'revision' in place ? revision > place.revision : metadata.at > place.at;
}

/** Whether a fold is of a later time than the place. */
function isBehind({ revision, at = '' }: Fold, place: PlaceInPast): boolean {
  return 'revision' in place ? revision > place.revision : at > place.at;
}
