import { setTimeout as sleep } from 'node:timers/promises';
import { heapBytes } from '#libs/core/heap-bytes.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { toCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import type { OutgoingMessage } from '#libs/kafka/kafka.js';

/** Room for what arrives while a transaction is being committed; beyond either limit the store is made to wait. */
const CAPACITY = 5_000;
/** Of the heap. */
const CAPACITY_BYTES = 32 * 1024 * 1024;
/** From here on it is worth waiting a moment for more; an event at rest never waits. */
const STREAMING_EVENTS = 50;
const FILL_MILLISECONDS = 40;
const FILL_STEP_MILLISECONDS = 5;
/** About what the headers of an event take. */
const HEADERS_BYTES = 700;
/** About what an event takes of the heap beside its data: its metadata, the headers and the text of its message. */
const ENVELOPE_BYTES = 4_000;

/** An event on its way to the topic. */
export interface RelayedEvent {
  readonly stream: string;
  readonly commandId: string;
  readonly position: bigint;
  readonly event: RecordedEvent;
  readonly message: OutgoingMessage;
  /** Of the message. */
  readonly bytes: number;
  /** What all of this takes of the heap. */
  readonly heldBytes: number;
}

export interface RelaySourceOptions {
  readonly store: EventStore;
  readonly category: string;
  /** Position of the last event of the category that is not wanted; absent when all are. */
  readonly after: bigint | undefined;
  /** A later position before which there is nothing of the category. */
  readonly from?: bigint | undefined;
  /** Told that many events of others have passed by since the last one of the category, and up to where. */
  readonly onQuiet?: (last: bigint | undefined, upTo: bigint) => void;
}

/** The store ended the subscription without saying why. */
class SubscriptionEndedError extends Error {
  override readonly name = 'SubscriptionEndedError';
}

/**
 * The events of a category after a position, to be taken in batches: whatever arrived since the last one, so batches
 * grow by themselves under load and hold one event at rest.
 */
export class RelaySource {
  private readonly waiting: RelayedEvent[] = [];
  private waitingBytes = 0;
  private readonly stopping = new AbortController();
  private ended: { readonly error: unknown } | undefined;
  private waiters: (() => void)[] = [];
  /** Taken last, and maybe not on the topic yet. */
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
   * Waits for an event and takes all that have arrived, up to both limits but at least one. Empty once closed; throws
   * what the subscription failed with.
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

  /** What was taken is on the topic. */
  done(): void {
    this.taken = undefined;
  }

  /** When the oldest event was recorded that is not on the topic yet, as far as it is known; and whether all are known. */
  standing(): { readonly oldest: string | undefined; readonly isCaughtUp: boolean } {
    const oldest = (this.taken ?? this.waiting[0])?.event.recordedAt;
    return { oldest, isCaughtUp: this.isCaughtUp };
  }

  /** Many at once are a part of more: a transaction costs the same for a hundred as for a thousand. */
  private async fill(maxEvents: number): Promise<void> {
    const deadline = performance.now() + FILL_MILLISECONDS;
    for (let before = 0; this.waiting.length > before && this.waiting.length < maxEvents;) {
      before = this.waiting.length;
      const left = deadline - performance.now();
      if (left <= 0 || this.ended || this.stopping.signal.aborted) return;
      await sleep(Math.min(left, FILL_STEP_MILLISECONDS));
    }
  }

  /** Ends what is taken with this error. */
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
      this.ended = { error: new SubscriptionEndedError('the store ended the subscription') };
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
