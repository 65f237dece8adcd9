import { writeAll } from './back-pressure.js';
import type { EventLog } from './event-log.js';
import { assertNotProjected } from './projected-stream.js';
import { beforeTombstone, type ReadCall, sendEvents } from './read-handler.js';
import type { ReadQuery } from './read-query.js';
import { StreamDeletedError } from './request.errors.js';
import { NO_REVISION, type StoredEvent, toRevision } from './stored-event.js';
import { isMissing, visibleRange } from './stream-state.js';
import { checkpointResponse } from './wire.js';

const PAGE = 500;

/** The result of a page: there is more, this was all for now, or the client has disconnected. */
export type Progress = 'more' | 'end' | 'gone';

/** What a subscription reads. */
export interface SubscriptionSource {
  /** Sends the next events, a page at most. */
  sendNext(isLive: boolean): Promise<Progress>;
}

/** `$all`, with checkpoints if there is a filter. */
export class AllSource implements SubscriptionSource {
  private after: bigint;
  private sinceCheckpoint = 0;

  constructor(
    private readonly call: ReadCall,
    private readonly log: EventLog,
    private readonly query: ReadQuery,
  ) {
    const { from } = query;
    this.after = from === 'start' ? 0n : from === 'end' ? log.head : from;
  }

  async sendNext(isLive: boolean): Promise<Progress> {
    const { head } = this.log;
    if (this.after >= head) return 'end';
    const from = this.after + 1n;
    const range = { from, head, isBackwards: false, limit: PAGE };
    const { items, isEnd } = await this.log.reader.all({ ...range, filter: this.query.filter });
    let events: StoredEvent[] = [];
    for (const { position, event } of items) {
      if (event) events.push(event);
      if (!this.isCheckpointDue()) continue;
      if (!(await this.send(events))) return 'gone';
      events = [];
      // A live checkpoint has no prepare position, as in the real server.
      const checkpoint = { commit: position, prepare: isLive ? 0n : position };
      if (!(await writeAll(this.call, [checkpointResponse(checkpoint)]))) return 'gone';
    }
    if (!(await this.send(events))) return 'gone';
    this.after = items.at(-1)?.position ?? this.after;
    return isEnd ? 'end' : 'more';
  }

  /** Counts an examined event. */
  private isCheckpointDue(): boolean {
    if (!this.query.filter) return false;
    this.sinceCheckpoint += 1;
    if (this.sinceCheckpoint < this.query.checkpointEvery) return false;
    this.sinceCheckpoint = 0;
    return true;
  }

  private send(events: readonly StoredEvent[]): Promise<boolean> {
    return sendEvents(this.call, this.log, this.query, events);
  }
}

/** One stream, which need not exist yet. */
export class StreamSource implements SubscriptionSource {
  private constructor(
    private readonly call: ReadCall,
    private readonly log: EventLog,
    private readonly query: ReadQuery,
    private readonly stream: string,
    private next: bigint,
  ) {}

  /**
   * Throws `StreamDeletedError` if the stream has a tombstone, and `RequestError` if only a
   * projection would fill it.
   */
  static async open(call: ReadCall, log: EventLog, query: ReadQuery, stream: string): Promise<StreamSource> {
    const view = await log.view(stream);
    const { revision, isTombstoned } = view;
    if (isTombstoned) throw new StreamDeletedError(stream);
    assertNotProjected(stream, view);
    const { from } = query;
    const next = from === 'start' ? 0n : (from === 'end' ? revision : from) + 1n;
    return new StreamSource(call, log, query, stream, toRevision(next));
  }

  async sendNext(isLive: boolean): Promise<Progress> {
    const { stream } = this;
    const view = await this.log.view(stream);
    if (!isLive && isMissing(view)) return this.skipTo(view.revision + 1n);
    // Events written while the subscription is live are sent even if they are hidden already.
    const { from: lowest, createdFrom } = isLive ? EVERYTHING : visibleRange(view, Date.now());
    const range = { stream, from: this.next, isBackwards: false, limit: PAGE, lowest, createdFrom };
    const { items, isEnd } = await this.log.reader.stream(range);
    const events = beforeTombstone(items);
    if (!(await sendEvents(this.call, this.log, this.query, events))) return 'gone';
    if (events.length < items.length || view.isTombstoned) throw new StreamDeletedError(stream);
    this.skipTo((items.at(-1)?.revision ?? NO_REVISION) + 1n);
    return isEnd ? this.skipTo(view.revision + 1n) : 'more';
  }

  /** Skips past what was sent, and past what was hidden at the time of the read. */
  private skipTo(revision: bigint): 'end' {
    if (revision > this.next) this.next = revision;
    return 'end';
  }
}

const EVERYTHING = { from: NO_REVISION, createdFrom: undefined };
