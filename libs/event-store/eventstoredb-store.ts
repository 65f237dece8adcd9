import {
  BACKWARDS,
  END,
  EventStoreDBClient,
  FORWARDS,
  NO_STREAM,
  START,
  type StreamingRead,
} from '@eventstore/db-client';
import type {
  AllPage,
  EventStore,
  EventToAppend,
  ReadAllOptions,
  ReadOptions,
  RecordedEvent,
  SubscribeOptions,
  SubscriptionMessage,
} from './event-store.js';
import { StoreUnavailableError, UnknownOutcomeError } from './event-store.errors.js';
import { isMissingStream, toAppendError, toPositionError, toReadError } from './eventstoredb-errors.js';
import { dropLateAnswers } from './eventstoredb-late-answers.js';
import { subscribeFiltered, toPosition } from './eventstoredb-subscription.js';
import { toClientEvent, toRecordedEvent } from './recorded-event.codec.js';
import { within, withinOrFail } from '#libs/runtime/within.js';

/**
 * In milliseconds. A frozen server never answers while the connection lives, regardless of the
 * client's deadline.
 */
export interface StoreTimeouts {
  readonly append: number;
  /** Longest silence during a read. */
  readonly read: number;
  readonly probe: number;
}

const DEFAULT_TIMEOUTS: StoreTimeouts = { append: 1_500, read: 3_000, probe: 1_500 };

/**
 * EventStoreDB (≥ 22.10), KurrentDB or the embedded server, through the official client. Connects
 * on first use.
 */
export function connectEventStore(url: string, timeouts: Partial<StoreTimeouts> = {}): EventStore {
  const client = dropLateAnswers(EventStoreDBClient.connectionString(withKeepAlive(url)));
  return new EventStoreDbStore(client, { ...DEFAULT_TIMEOUTS, ...timeouts });
}

class EventStoreDbStore implements EventStore {
  constructor(
    private readonly client: EventStoreDBClient,
    private readonly timeouts: StoreTimeouts,
  ) {}

  async append(stream: string, expected: number, events: readonly EventToAppend[]): Promise<number> {
    try {
      const appended = this.client.appendToStream(stream, events.map(toClientEvent), {
        expectedRevision: expected < 0 ? NO_STREAM : BigInt(expected),
      });
      const { nextExpectedRevision } = await within(appended, this.timeouts.append, (): never => {
        throw new UnknownOutcomeError(`no answer to the append to ${stream}`);
      });
      return Number(nextExpectedRevision);
    } catch (error) {
      throw toAppendError(error, stream, expected);
    }
  }

  async *read(stream: string, options: ReadOptions = {}): AsyncGenerator<RecordedEvent> {
    const backwards = options.direction === 'backwards';
    const events = this.client.readStream(stream, {
      direction: backwards ? BACKWARDS : FORWARDS,
      fromRevision: options.from === undefined ? (backwards ? END : START) : BigInt(options.from),
      ...(options.limit !== undefined && { maxCount: options.limit }),
    });
    try {
      for await (const { event } of unlessSilent(events, this.timeouts.read)) {
        if (event) yield toRecordedEvent(event);
      }
    } catch (error) {
      if (!isMissingStream(error)) throw toReadError(error);
    }
  }

  async readAll({ streamPrefix, after, limit }: ReadAllOptions): Promise<AllPage> {
    // The client cannot filter reads, and a read includes the event at its position.
    const fromPosition = after === undefined ? START : toPosition(after);
    const found = this.client.readAll({ fromPosition, maxCount: limit + 1 });
    const events: RecordedEvent[] = [];
    let position = after;
    let seen = 0;
    try {
      for await (const { event } of unlessSilent(found, this.timeouts.read)) {
        seen += 1;
        if (!event || (after !== undefined && event.position.commit <= BigInt(after))) continue;
        position = String(event.position.commit);
        if (event.streamId.startsWith(streamPrefix)) events.push(toRecordedEvent(event));
      }
    } catch (error) {
      throw after === undefined ? toReadError(error) : toPositionError(error, after);
    }
    return { events, ...(position !== undefined && { position }), isEnd: seen <= limit };
  }

  async lastPosition(): Promise<string | undefined> {
    const last = this.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
    try {
      for await (const { event } of unlessSilent(last, this.timeouts.read)) {
        if (event) return String(event.position.commit);
      }
      return undefined;
    } catch (error) {
      throw toReadError(error);
    }
  }

  async keepLast(stream: string, count: number): Promise<void> {
    try {
      const set = this.client.setStreamMetadata(stream, { maxCount: count });
      const late = new UnknownOutcomeError(`no answer to the metadata of ${stream}`);
      await withinOrFail(set, this.timeouts.append, late);
    } catch (error) {
      throw toAppendError(error, stream, -1);
    }
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionMessage> {
    return subscribeFiltered(this.client, options);
  }

  async isReachable(): Promise<boolean> {
    const probe = async (): Promise<boolean> => {
      for await (const event of this.read('$perdure-probe', { limit: 1 })) return event !== undefined;
      return true;
    };
    return withinOrFail(probe(), this.timeouts.probe, new StoreUnavailableError('no answer')).catch(
      () => false,
    );
  }

  /** Gives up on streams that a frozen server never ends. */
  async close(): Promise<void> {
    const late = new StoreUnavailableError('the event store does not end its streams');
    await withinOrFail(this.client.dispose(), this.timeouts.read, late).catch(() => undefined);
  }
}

/**
 * Iterates over a read. Throws if the server is silent for this many milliseconds while an event is
 * awaited.
 */
async function* unlessSilent<T>(events: StreamingRead<T>, milliseconds: number): AsyncGenerator<T> {
  let consuming = false;
  const silence = setTimeout(() => {
    if (consuming) silence.refresh();
    else events.destroy(new StoreUnavailableError('the event store fell silent during a read'));
  }, milliseconds);
  try {
    for await (const event of events) {
      consuming = true;
      yield event;
      consuming = false;
      silence.refresh();
    }
  } finally {
    clearTimeout(silence);
    void events.cancel().catch(() => undefined);
  }
}

/** With the client's defaults, a dead connection goes unnoticed for 20 s. */
function withKeepAlive(url: string): string {
  if (/keepAliveInterval=/i.test(url)) return url;
  return `${url}${url.includes('?') ? '&' : '?'}keepAliveInterval=3000&keepAliveTimeout=3000`;
}
