import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  AllPage,
  EventStore,
  EventToAppend,
  ReadAllOptions,
  ReadOptions,
  RecordedEvent,
  SubscribeOptions,
  SubscriptionMessage,
} from '#libs/event-store/event-store.js';
import {
  AppendRefusedError,
  StoreUnavailableError,
  UnknownOutcomeError,
  UnknownPositionError,
  WrongExpectedRevisionError,
} from '#libs/event-store/event-store.errors.js';

/** What can go wrong with an append. The first two look the same to the caller: no answer. */
export type AppendFault = 'lost-before-write' | 'lost-after-write' | 'refused';

const MAX_APPEND_BYTES = 1024 * 1024;
/** Between two pages, other work of the process has its turn, as while it waits for a server. */
const PAGE_EVENTS = 500;

/**
 * The event store in memory, for tests. It behaves like the real one, as observed at the port,
 * including idempotent repeats and conflicts, and fails on demand.
 */
export class MemoryEventStore implements EventStore {
  /** While true, nothing answers and live subscriptions end. */
  private away = false;
  /** All events in the order of `$all`. */
  private readonly log: RecordedEvent[] = [];
  private readonly streams = new Map<string, RecordedEvent[]>();
  private readonly faults: AppendFault[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly limits = new Map<string, number>();
  private position = 0;
  /** Number of appends requested so far, with any result. */
  appends = 0;
  /** Open subscriptions, and the total ever opened. */
  readonly subscriptions = { open: 0, opened: 0 };

  /** The next appends fail like this, one after the other. */
  failNext(...faults: readonly AppendFault[]): void {
    this.faults.push(...faults);
  }

  /** Drops the faults that have not been used yet. */
  heal(): void {
    this.faults.length = 0;
  }

  /** Makes the store unavailable, or available again. */
  setAway(away: boolean): void {
    this.away = away;
    this.notify();
  }

  async append(stream: string, expected: number, events: readonly EventToAppend[]): Promise<number> {
    this.appends += 1;
    this.answer();
    const fault = this.faults.shift();
    if (fault === 'lost-before-write') throw new UnknownOutcomeError(`no answer to the append to ${stream}`);
    if (fault === 'refused') throw new AppendRefusedError(`the event store refuses the append to ${stream}`);
    const revision = this.write(stream, expected, events);
    if (fault === 'lost-after-write') throw new UnknownOutcomeError(`no answer to the append to ${stream}`);
    return revision;
  }

  async *read(stream: string, options: ReadOptions = {}): AsyncGenerator<RecordedEvent> {
    const { from, limit = Infinity, direction = 'forwards' } = options;
    this.answer();
    // The real store refuses it, and the adapter has no other error for a failed read.
    if (limit === 0) throw new StoreUnavailableError('the event store does not respond: a limit of 0');
    const events = this.eventsOf(stream);
    const first = Math.max(0, events.length - (this.limits.get(stream) ?? Infinity));
    const forwards = direction === 'forwards';
    const seen = forwards
      ? events.slice(Math.max(from ?? 0, first))
      : events.slice(first, (from ?? Infinity) + 1).reverse();
    for (const [index, event] of seen.slice(0, limit).entries()) {
      if (index % PAGE_EVENTS === PAGE_EVENTS - 1) await nextTurn();
      this.answer();
      yield event;
    }
  }

  async keepLast(stream: string, count: number): Promise<void> {
    this.answer();
    this.limits.set(stream, count);
  }

  async readAll({ streamPrefix, after, limit }: ReadAllOptions): Promise<AllPage> {
    this.answer();
    const from = after === undefined ? 0 : this.indexAfter(after);
    if (from === undefined) throw new UnknownPositionError(`no event has position ${after}`);
    const seen = this.log.slice(from, from + limit);
    const position = seen.at(-1)?.position ?? after;
    return {
      events: seen.filter(({ stream }) => stream.startsWith(streamPrefix)),
      ...(position !== undefined && { position }),
      isEnd: from + limit >= this.log.length,
    };
  }

  async lastPosition(): Promise<string | undefined> {
    this.answer();
    return this.log.at(-1)?.position;
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<SubscriptionMessage> {
    this.subscriptions.opened += 1;
    this.subscriptions.open += 1;
    try {
      yield* this.follow(options);
    } finally {
      this.subscriptions.open -= 1;
    }
  }

  private async *follow({
    streamPrefixes,
    after,
    signal,
  }: SubscribeOptions): AsyncGenerator<SubscriptionMessage> {
    let next = after === undefined ? 0 : this.indexAfter(after);
    // The adapter ignores how a subscription ends.
    if (next === undefined) throw new StoreUnavailableError('the event store ended the subscription');
    let checkpoint = after;
    let isLive = false;
    while (!signal.aborted) {
      this.answer();
      const event = this.log[next];
      if (event) {
        next += 1;
        if (!streamPrefixes.some((prefix) => event.stream.startsWith(prefix))) continue;
        checkpoint = event.position;
        yield { kind: 'event', event };
      } else if (next > 0 && this.log[next - 1]?.position !== checkpoint) {
        checkpoint = this.log[next - 1]?.position as string;
        yield { kind: 'checkpoint', position: checkpoint };
      } else if (!isLive) {
        isLive = true;
        yield { kind: 'caught-up' };
      } else {
        await this.change(signal);
      }
    }
  }

  async isReachable(): Promise<boolean> {
    return !this.away;
  }

  async close(): Promise<void> {
    this.setAway(true);
  }

  /** The content of a stream, bypassing all faults. */
  eventsOf(stream: string): readonly RecordedEvent[] {
    return [...(this.streams.get(stream) ?? [])];
  }

  private write(stream: string, expected: number, events: readonly EventToAppend[]): number {
    refuseUnlessSound(stream, events);
    const held = this.streams.get(stream) ?? [];
    const head = held.length - 1;
    if (expected === head) {
      this.streams.set(stream, held);
      for (const event of events) this.record(stream, held, event);
      // A quirk of the real store: an append of no events to no stream is answered with 0.
      return Math.max(held.length - 1, 0);
    }
    // Ids are compared only at the expected revision, never elsewhere in the stream.
    const isRepeat =
      expected < head && events.every(({ id }, index) => held[expected + 1 + index]?.id === id);
    if (!isRepeat) throw new WrongExpectedRevisionError(stream, expected, head);
    return Math.max(expected + events.length, 0);
  }

  private record(stream: string, held: RecordedEvent[], event: EventToAppend): void {
    const copy = JSON.parse(JSON.stringify(event)) as EventToAppend;
    this.position += bytesOf(event);
    const recorded = {
      ...copy,
      stream,
      revision: held.length,
      position: String(this.position),
      recordedAt: event.metadata.at,
    };
    held.push(recorded);
    this.log.push(recorded);
    this.notify();
  }

  private answer(): void {
    if (this.away) throw new StoreUnavailableError('the event store does not respond');
  }

  /** Undefined for a position without an event. One beyond the end is waited for. */
  private indexAfter(position: string): number | undefined {
    const index = this.log.findIndex((event) => event.position === position);
    if (index >= 0) return index + 1;
    return BigInt(position) > BigInt(this.position) ? this.log.length : undefined;
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }

  private change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.listeners.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

function refuseUnlessSound(stream: string, events: readonly EventToAppend[]): void {
  const isNamed = stream !== '' && events.every(({ type }) => type !== '');
  const bytes = events.reduce((sum, event) => sum + bytesOf(event), 0);
  if (isNamed && bytes <= MAX_APPEND_BYTES) return;
  throw new AppendRefusedError(`the event store refuses the append to ${stream}`);
}

function bytesOf(event: EventToAppend): number {
  return Buffer.byteLength(JSON.stringify(event));
}
