import { setTimeout as sleep } from 'node:timers/promises';
import { heapBytes } from '#libs/core/heap-bytes.js';
import type { EventStore, RecordedEvent, SubscriptionMessage } from '#libs/event-store/event-store.js';
import { toCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import type { OutgoingMessage } from '#libs/kafka/kafka.js';
import type { Quiet } from './relay-checkpoint.codec.js';

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
  readonly category: string;
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
  /** By category: the position of its last event to skip, or undefined if all are wanted. */
  readonly after: ReadonlyMap<string, bigint | undefined>;
  /** Where to begin. Before it, there is no event that is wanted. */
  readonly from: bigint | undefined;
  /** Called when there is more to take, or the subscription has caught up or ended. */
  readonly onChange: () => void;
  /** Called after many events of other categories in a row. */
  readonly onQuiet?: () => void;
}

/** The store ended the subscription without a reason. */
class SubscriptionEndedError extends Error {
  override readonly name = 'SubscriptionEndedError';
}

/**
 * The events of some categories, each after a position of its own, in the order of the store. They
 * are taken in batches of whatever has arrived. So batches grow under load, and hold one event at
 * rest.
 */
export class RelaySource {
  private readonly waiting: RelayedEvent[] = [];
  private waitingBytes = 0;
  private readonly stopping = new AbortController();
  private ended: { readonly error: unknown } | undefined;
  private makeRoom = (): void => undefined;
  /** The events taken last, which may not be on their topics yet. */
  private taken: readonly RelayedEvent[] = [];
  private isCaughtUp = false;
  /** Everything up to here has been read. */
  private read: bigint | undefined;
  /** Everything up to here has been taken. */
  private takenTo: bigint | undefined;
  /** Of each category, the last event that has been read, and the last that has been taken. */
  private readonly lastRead: Map<string, bigint | undefined>;
  private readonly lastTaken: Map<string, bigint | undefined>;

  constructor(private readonly options: RelaySourceOptions) {
    this.lastRead = new Map(options.after);
    this.lastTaken = new Map(options.after);
    this.read = options.from;
    this.takenTo = options.from;
    void this.pump();
  }

  /** Takes what has arrived, up to both limits, but at least one event if there is any. */
  async take(maxEvents: number, maxBytes: number): Promise<readonly RelayedEvent[]> {
    if (this.waiting.length >= STREAMING_EVENTS) await this.fill(maxEvents);
    let bytes = 0;
    let count = 0;
    for (const event of this.waiting) {
      bytes += event.bytes;
      if (count === maxEvents || (count > 0 && bytes > maxBytes)) break;
      count += 1;
    }
    const taken = this.waiting.splice(0, count);
    for (const { heldBytes, category, position } of taken) {
      this.waitingBytes -= heldBytes;
      this.lastTaken.set(category, position);
    }
    this.takenTo = taken.at(-1)?.position ?? this.takenTo;
    this.taken = taken;
    this.makeRoom();
    return taken;
  }

  /** Everything taken is on its topic. */
  done(): void {
    this.taken = [];
  }

  get hasEvents(): boolean {
    return this.waiting.length > 0;
  }

  /** The error of the subscription, once there is nothing more to take. */
  get failure(): { readonly error: unknown } | undefined {
    return this.hasEvents ? undefined : this.ended;
  }

  /** Whether everything that the store holds is on its topic. */
  get isLevel(): boolean {
    return this.isCaughtUp && !this.ended && this.waiting.length === 0 && this.taken.length === 0;
  }

  /** Where another source can begin if all that was taken is on its topic. */
  place(): Pick<RelaySourceOptions, 'after' | 'from'> {
    return { after: this.lastTaken, from: this.hasEvents ? this.takenTo : this.read };
  }

  /** Of each category, what is known of the store after its last event. */
  quiet(): ReadonlyMap<string, Quiet> {
    const { read } = this;
    if (read === undefined) return new Map();
    const isBefore = (after: bigint | undefined): boolean => after === undefined || after < read;
    const quiet = [...this.lastRead].filter(([, after]) => isBefore(after));
    return new Map(quiet.map(([category, after]) => [category, { after, upTo: read }]));
  }

  /**
   * When the oldest unpublished event of a category was recorded, as far as known, and whether all
   * events are known.
   */
  standing(category: string): { readonly oldest: string | undefined; readonly isCaughtUp: boolean } {
    const isOfCategory = (event: RelayedEvent): boolean => event.category === category;
    const oldest = (this.taken.find(isOfCategory) ?? this.waiting.find(isOfCategory))?.event.recordedAt;
    return { oldest, isCaughtUp: this.isCaughtUp };
  }

  close(): void {
    this.stopping.abort();
    this.makeRoom();
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

  private async pump(): Promise<void> {
    const { store, after, from, onChange } = this.options;
    const { signal } = this.stopping;
    try {
      const messages = store.subscribe({
        streamPrefixes: [...after.keys()].map((category) => `${category}-`),
        ...(from !== undefined && { after: String(from) }),
        signal,
      });
      for await (const message of messages) {
        if (signal.aborted) return;
        this.note(message);
        while (this.isFull() && !signal.aborted) await new Promise<void>((room) => (this.makeRoom = room));
      }
      this.ended = { error: new SubscriptionEndedError('the event store ended the subscription') };
    } catch (error) {
      this.ended = { error };
    }
    onChange();
  }

  private note(message: SubscriptionMessage): void {
    const { onChange, onQuiet } = this.options;
    if (message.kind === 'caught-up') this.isCaughtUp = true;
    if (message.kind === 'checkpoint') {
      this.read = BigInt(message.position);
      onQuiet?.();
    }
    if (message.kind === 'event' && !this.add(message.event)) return;
    onChange();
  }

  private add(event: RecordedEvent): boolean {
    const position = BigInt(event.position);
    const category = event.stream.slice(0, event.stream.indexOf('-'));
    const last = this.lastRead.get(category);
    this.read = position;
    if (last !== undefined && position <= last) return false;
    this.lastRead.set(category, position);
    const relayed = toRelayed(category, event, position);
    this.waiting.push(relayed);
    this.waitingBytes += relayed.heldBytes;
    return true;
  }

  private isFull(): boolean {
    return this.waiting.length >= CAPACITY || this.waitingBytes >= CAPACITY_BYTES;
  }
}

function toRelayed(category: string, event: RecordedEvent, position: bigint): RelayedEvent {
  const message = toCloudEvent(event);
  const { stream, metadata } = event;
  const valueBytes = Buffer.byteLength(message.value);
  return {
    category,
    stream,
    commandId: metadata.commandId,
    position,
    event,
    message,
    bytes: valueBytes + HEADERS_BYTES,
    heldBytes: valueBytes + heapBytes(event.data) + ENVELOPE_BYTES,
  };
}
