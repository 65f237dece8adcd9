import { setTimeout as sleep } from 'node:timers/promises';
import { heapBytes } from '#libs/core/heap-bytes.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { toCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import type { OutgoingMessage } from '#libs/kafka/kafka.js';

/** Capacity for events that arrive during a commit. At either limit, the store is made to wait. */
const CAPACITY = 5_000;
/** Of heap. */
const CAPACITY_BYTES = 32 * 1024 * 1024;
/** From this many events on, it is worth waiting a moment for more. A single event never waits. */
const STREAMING_EVENTS = 50;
const FILL_MILLISECONDS = 40;
const FILL_STEP_MILLISECONDS = 5;
/** Approximate size of an event's headers. */
const HEADERS_BYTES = 700;
/**
 * Approximate heap taken by an event in addition to its data: metadata, headers and the text of its
 * message.
 */
const ENVELOPE_BYTES = 4_000;

/** An event on its way to the topic. */
export interface RelayedEvent {
  readonly stream: string;
  readonly commandId: string;
  readonly position: bigint;
  readonly event: RecordedEvent;
  readonly message: OutgoingMessage;
  /** Size of the message. */
  readonly bytes: number;
  /** Total heap. */
  readonly heldBytes: number;
}

export interface RelaySourceOptions {
  readonly store: EventStore;
  readonly category: string;
  /** Position of the last event of the category to skip. Absent if all are wanted. */
  readonly after: bigint | undefined;
  /** A later position before which the category has no events. */
  readonly from?: bigint | undefined;
  /**
   * Called after many events of other categories in a row, with the category's last position and
   * how far they reach.
   */
  readonly onQuiet?: (last: bigint | undefined, upTo: bigint) => void;
}

/** The store ended the subscription without a reason. */
class SubscriptionEndedError extends Error {
  override readonly name = 'SubscriptionEndedError';
}

/**
 * The events of a category after a position, taken in batches of whatever has arrived. So batches
 * grow under load, and hold one event at rest.
 */
export class RelaySource {
  private readonly waiting: RelayedEvent[] = [];
  private waitingBytes = 0;
  private readonly stopping = new AbortController();
  private ended: { readonly error: unknown } | undefined;
  private waiters: (() => void)[] = [];
  /** The last event taken, which may not be on the topic yet. */
  private taken: RelayedEvent | undefined;
  private isCaughtUp = false;

  constructor(
    private readonly options: RelaySourceOptions,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.close(), { once: true, signal: this.stopping.signal });
    if (signal.aborted) this.close();
    void this.pump();
  }

  /**
   * Waits for an event and takes all that have arrived, up to both limits but at least one. Empty
   * once closed. Throws the error of the subscription.
   */
  async take(maxEvents: number, maxBytes: number): Promise<readonly RelayedEvent[]> {
    const { signal } = this.stopping;
    while (this.waiting.length === 0 && !this.ended && !signal.aborted) await this.change();
    if (this.waiting.length >= STREAMING_EVENTS) await this.fill(maxEvents);
    if (signal.aborted) return [];
    if (this.waiting.length === 0 && this.ended) throw this.ended.error;
    let bytes = 0;
    let count = 0;
    for (const event of this.waiting) {
      bytes += event.bytes;
      if (count === maxEvents || (count > 0 && bytes > maxBytes)) break;
      count += 1;
    }
    const taken = this.waiting.splice(0, count);
    for (const { heldBytes } of taken) this.waitingBytes -= heldBytes;
    this.taken = taken[0];
    this.changed();
    return taken;
  }

  /** Everything taken is on the topic. */
  done(): void {
    this.taken = undefined;
  }

  /**
   * When the oldest unpublished event was recorded, as far as known, and whether all events are
   * known.
   */
  standing(): { readonly oldest: string | undefined; readonly isCaughtUp: boolean } {
    const oldest = (this.taken ?? this.waiting[0])?.event.recordedAt;
    return { oldest, isCaughtUp: this.isCaughtUp };
  }

  /**
   * Many events at once indicate more to come, and a transaction costs the same for a thousand as
   * for a hundred.
   */
  private async fill(maxEvents: number): Promise<void> {
    const deadline = performance.now() + FILL_MILLISECONDS;
    for (let before = 0; this.waiting.length > before && this.waiting.length < maxEvents;) {
      before = this.waiting.length;
      const left = deadline - performance.now();
      if (left <= 0 || this.ended || this.stopping.signal.aborted) return;
      await sleep(Math.min(left, FILL_STEP_MILLISECONDS));
    }
  }

  /** Makes `take` fail with this error. */
  fail(error: unknown): void {
    this.waiting.length = 0;
    this.ended = { error };
    this.changed();
  }

  close(): void {
    this.stopping.abort();
    this.changed();
  }

  private async pump(): Promise<void> {
    const { store, category, after, from = after, onQuiet } = this.options;
    const { signal } = this.stopping;
    let last = after;
    let isQuiet = true;
    try {
      const messages = store.subscribe({
        streamPrefix: `${category}-`,
        ...(from !== undefined && { after: String(from) }),
        signal,
      });
      for await (const message of messages) {
        if (message.kind === 'caught-up') this.isCaughtUp = true;
        if (message.kind === 'checkpoint') {
          if (isQuiet) onQuiet?.(last, BigInt(message.position));
          isQuiet = true;
        }
        if (message.kind !== 'event') continue;
        const position = BigInt(message.event.position);
        if (last !== undefined && position <= last) continue;
        last = position;
        isQuiet = false;
        this.add(toRelayed(message.event, position));
        while (this.isFull() && !signal.aborted) await this.change();
      }
      this.ended = { error: new SubscriptionEndedError('the event store ended the subscription') };
    } catch (error) {
      this.ended = { error };
    }
    this.changed();
  }

  private add(event: RelayedEvent): void {
    this.waiting.push(event);
    this.waitingBytes += event.heldBytes;
    this.changed();
  }

  private isFull(): boolean {
    return this.waiting.length >= CAPACITY || this.waitingBytes >= CAPACITY_BYTES;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private changed(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }
}

function toRelayed(event: RecordedEvent, position: bigint): RelayedEvent {
  const message = toCloudEvent(event);
  const { stream, metadata } = event;
  const valueBytes = Buffer.byteLength(message.value);
  return {
    stream,
    commandId: metadata.commandId,
    position,
    event,
    message,
    bytes: valueBytes + HEADERS_BYTES,
    heldBytes: valueBytes + heapBytes(event.data) + ENVELOPE_BYTES,
  };
}
