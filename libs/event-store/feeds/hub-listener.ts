import type { RecordedEvent } from '../event-store.js';

/** The topic of those who listen to all streams of a hub. */
export const EVERY_STREAM = '';

/** What a listener needs of its hub. Events are numbered as they come. */
export interface HeldEvents {
  /** Number of the next event to come. */
  readonly end: number;
  /** The event of this number, while it is held. */
  at(number: number): RecordedEvent | undefined;
  /** Whether an event was let go before it was taken by who stands at this number. */
  hasLost(number: number): boolean;
  /** Wakes the listener with each event of its topic from now on. */
  await(listener: HubListener): void;
  awaitNoMore(listener: HubListener): void;
}

/** A place in what a hub tells. It holds nothing by itself, so that a thousand of them cost no memory. */
export class HubListener {
  private resolve: (() => void) | undefined;

  constructor(
    private readonly hub: HeldEvents,
    readonly topic: string,
    /** Number of the next event to look at. */
    private next: number,
  ) {}

  /**
   * The events of the topic that came since the last time, at most so many; none when there are none. Undefined when the
   * listener was so slow that some are not held any more: it has to read the store, and join again.
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

  /** Waits for the next event of the topic, after all was taken; false when it did not come in so many milliseconds. */
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
    // Not woken: nothing of the topic came, whatever others were told meanwhile.
    const isWoken = !this.resolve;
    if (!isWoken) this.next = this.hub.end;
    this.resolve = undefined;
    return isWoken;
  }

  /** Called by the hub: the event of this number is the next one of the topic. */
  wake(number: number): void {
    const { resolve } = this;
    if (!resolve) return;
    this.next = number;
    this.resolve = undefined;
    resolve();
  }
}
