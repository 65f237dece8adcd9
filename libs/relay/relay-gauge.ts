import type { RelayProgress } from './relay.js';
import type { RelaySource } from './relay-source.js';

const RATE_WINDOW_MILLISECONDS = 10_000;

/** The progress of a relay with a category: its position, its lag and its rate. */
export class RelayGauge {
  private relayed = 0;
  private position: bigint | undefined;
  private source: () => RelaySource | undefined = () => undefined;
  private readonly counted: { readonly at: number; readonly events: number }[] = [];

  /** The lag is measured by this clock. The store's own clock may be slightly ahead. */
  constructor(private readonly now: () => number = Date.now) {}

  /** Starts to read the store again from this position. `source`: where the category is read. */
  begin(position: bigint | undefined, source: () => RelaySource | undefined): void {
    this.position = position;
    this.source = source;
  }

  /** This many more events are on the topic, up to this position. */
  count(events: number, position: bigint | undefined): void {
    this.relayed += events;
    this.position = position;
    this.counted.push({ at: this.now(), events });
  }

  progress(category: string): RelayProgress {
    const { position, relayed } = this;
    return {
      ...(position !== undefined && { position: String(position) }),
      relayed,
      behindSeconds: this.behindSeconds(category),
      eventsPerSecond: this.eventsPerSecond(),
    };
  }

  /** Null before the store has reported what is there. */
  private behindSeconds(category: string): number | null {
    const standing = this.source()?.standing(category);
    if (!standing) return null;
    const { oldest, isCaughtUp } = standing;
    if (oldest === undefined) return isCaughtUp ? 0 : null;
    return Math.max(0, (this.now() - Date.parse(oldest)) / 1_000);
  }

  private eventsPerSecond(): number {
    const since = this.now() - RATE_WINDOW_MILLISECONDS;
    const firstKept = this.counted.findIndex(({ at }) => at > since);
    this.counted.splice(0, firstKept < 0 ? this.counted.length : firstKept);
    const events = this.counted.reduce((sum, one) => sum + one.events, 0);
    return (events * 1_000) / RATE_WINDOW_MILLISECONDS;
  }
}
