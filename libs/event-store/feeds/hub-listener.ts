import type { RecordedEvent } from '../event-store.js';

/** The topic of listeners to all streams of a hub. */
export const EVERY_STREAM = '';

/** What a listener needs of its hub. Events are numbered in order of arrival. */
export interface HeldEvents {
  /** Number of the next event. */
  readonly end: number;
  /** The event with this number, while it is buffered. */
  at(number: number): RecordedEvent | undefined;
  /** Whether an event was dropped before a listener at this number has taken it. */
  hasLost(number: number): boolean;
  /** Wakes the listener on each new event of its topic. */
  await(listener: HubListener): void;
  awaitNoMore(listener: HubListener): void;
}

/**
 * A position in the events of a hub. It buffers nothing itself, so a thousand listeners cost no
 * memory.
 */
export class HubListener {
  private resolve: (() => void) | undefined;

  constructor(
    private readonly hub: HeldEvents,
    readonly topic: string,
    /** Number of the next event to examine. */
    private next: number,
  ) {}

  /**
   * The new events of the topic, at most `limit`. Undefined if the listener was too slow and some
   * events are no longer buffered: it must read the store, and join again.
   */
  take(limit: number): readonly RecordedEvent[] | undefined {
    if (this.hub.hasLost(this.next)) return undefined;
    const events: RecordedEvent[] = [];
    for (; this.next < this.hub.end && events.length < limit; this.next += 1) {
      const event = this.hub.at(this.next);
      if (event && (this.topic === EVERY_STREAM || event.stream === this.topic)) events.push(event);
    }
    return events;
  }

  /**
   * Waits for the next event of the topic, after all were taken. Returns false if none arrived in
   * time.
   */
  async wait(signal: AbortSignal, milliseconds: number): Promise<boolean> {
    if (signal.aborted || this.next < this.hub.end) return true;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done, { once: true });
      this.resolve = done;
      this.hub.await(this);
    });
    this.hub.awaitNoMore(this);
    // Not woken: nothing arrived for this topic, whatever arrived for others.
    const isWoken = !this.resolve;
    if (!isWoken) this.next = this.hub.end;
    this.resolve = undefined;
    return isWoken;
  }

  /** Called by the hub: the event with this number is the next one of the topic. */
  wake(number: number): void {
    const { resolve } = this;
    if (!resolve) return;
    this.next = number;
    this.resolve = undefined;
    resolve();
  }
}
