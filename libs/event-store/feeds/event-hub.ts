import { heapBytes } from '#libs/core/heap-bytes.js';
import type { EventStore, RecordedEvent } from '../event-store.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { Logger } from '#libs/runtime/logger.js';
import { openSubscriptions } from './feed-metrics.js';
import { EVERY_STREAM, type HeldEvents, HubListener } from './hub-listener.js';

/**
 * How many past events a hub buffers for listeners that lag a little. A listener that lags more
 * reads the store again.
 */
export interface HubLimits {
  readonly events: number;
  /** Of heap. */
  readonly bytes: number;
}

const LIMITS: HubLimits = { events: 2_000, bytes: 8 * 1024 * 1024 };
/** Approximate heap taken by the metadata and names of an event. */
const ENVELOPE_BYTES = 1_500;
const FIRST_PAUSE_MILLISECONDS = 50;
const LONGEST_PAUSE_MILLISECONDS = 2_000;

/**
 * One subscription to a category, shared by all its listeners in this process. It starts at the end
 * of the store at the time the hub opens, and resumes when the subscription ends. A listener
 * receives everything after `position` at the time it joins, and reads earlier events itself.
 */
export class EventHub implements HeldEvents {
  /**
   * Commit position up to which the hub has delivered everything, or undefined if the store is
   * empty.
   */
  position: string | undefined;
  private readonly held: { readonly event: RecordedEvent; readonly bytes: number }[] = [];
  /**
   * Number of the first buffered event. The first event that the hub ever received has number 0.
   */
  private first = 0;
  private bytes = 0;
  private readonly waiting = new Map<string, Set<HubListener>>();
  private readonly stopping = new AbortController();
  private pumping: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    readonly category: string,
    private readonly logger: Logger,
    private readonly limits: HubLimits = LIMITS,
  ) {}

  /** Finds the end of the store and subscribes. Throws `StoreUnavailableError`. */
  async open(): Promise<void> {
    this.position = await this.store.lastPosition();
    this.pumping = this.pump();
  }

  /** A listener for one stream, or {@link EVERY_STREAM}. */
  join(topic: string): HubListener {
    return new HubListener(this, topic, this.end);
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.pumping;
  }

  get end(): number {
    return this.first + this.held.length;
  }

  at(number: number): RecordedEvent | undefined {
    return this.held[number - this.first]?.event;
  }

  hasLost(number: number): boolean {
    return number < this.first;
  }

  await(listener: HubListener): void {
    const those = this.waiting.get(listener.topic) ?? new Set();
    this.waiting.set(listener.topic, those.add(listener));
  }

  awaitNoMore(listener: HubListener): void {
    const those = this.waiting.get(listener.topic);
    those?.delete(listener);
    if (those?.size === 0) this.waiting.delete(listener.topic);
  }

  private async pump(): Promise<void> {
    const { signal } = this.stopping;
    const pause = new GrowingPause(FIRST_PAUSE_MILLISECONDS, LONGEST_PAUSE_MILLISECONDS);
    while (!signal.aborted) {
      openSubscriptions.inc({ category: this.category });
      try {
        await this.listen(signal, pause);
      } catch (error) {
        this.logger.debug({ err: error, category: this.category }, 'the subscription of a feed ended');
      } finally {
        openSubscriptions.dec({ category: this.category });
      }
      if (!signal.aborted) await pause.wait(signal);
    }
  }

  private async listen(signal: AbortSignal, pause: GrowingPause): Promise<void> {
    const after = this.position;
    const from = { streamPrefixes: [`${this.category}-`], ...(after !== undefined && { after }) };
    for await (const message of this.store.subscribe({ ...from, signal })) {
      pause.reset();
      if (message.kind === 'event') this.take(message.event);
      if (message.kind === 'checkpoint') this.position = message.position;
    }
  }

  private take(event: RecordedEvent): void {
    if (this.position !== undefined && BigInt(event.position) <= BigInt(this.position)) return;
    const bytes = heapBytes(event.data) + ENVELOPE_BYTES;
    const number = this.end;
    this.held.push({ event, bytes });
    this.bytes += bytes;
    this.position = event.position;
    while (this.held.length > 1 && this.isTooMuch()) this.letGo();
    for (const topic of [event.stream, EVERY_STREAM]) {
      for (const listener of this.waiting.get(topic) ?? []) listener.wake(number);
    }
  }

  private isTooMuch(): boolean {
    return this.held.length > this.limits.events || this.bytes > this.limits.bytes;
  }

  private letGo(): void {
    this.bytes -= this.held.shift()?.bytes ?? 0;
    this.first += 1;
  }
}
