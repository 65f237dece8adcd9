const WINDOW_SECONDS = 60;
/** The most times that are kept. */
const MOST_TIMES = 2_000;

/** Counts what happened within the last minute. */
export class RecentCount {
  /** One number for each second. */
  private readonly counts = new Map<number, number>();
  private readonly startedAt: number;

  constructor(private readonly now: () => number = Date.now) {
    this.startedAt = now();
  }

  add(count: number): void {
    const second = Math.floor(this.now() / 1_000);
    this.counts.set(second, (this.counts.get(second) ?? 0) + count);
    this.forget(second);
  }

  /** Over the last minute, or since the start if that is later. */
  perSecond(): number {
    const second = Math.floor(this.now() / 1_000);
    this.forget(second);
    const sum = [...this.counts.values()].reduce((total, count) => total + count, 0);
    const seconds = Math.min(Math.max((this.now() - this.startedAt) / 1_000, 1), WINDOW_SECONDS);
    return Math.round((sum / seconds) * 100) / 100;
  }

  private forget(second: number): void {
    for (const old of this.counts.keys()) {
      if (old > second - WINDOW_SECONDS) return;
      this.counts.delete(old);
    }
  }
}

/** Times that something took. */
export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What something took within the last minute; of very many, the latest. */
export class RecentTimes {
  private times: { readonly at: number; readonly milliseconds: number }[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  add(milliseconds: number): void {
    this.times.push({ at: this.now(), milliseconds });
    if (this.times.length >= 2 * MOST_TIMES) this.times = this.times.slice(-MOST_TIMES);
  }

  /** Undefined if nothing happened. */
  summary(): Times | undefined {
    const since = this.now() - WINDOW_SECONDS * 1_000;
    this.times = this.times.slice(-MOST_TIMES).filter(({ at }) => at >= since);
    const sorted = this.times.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
    if (sorted.length === 0) return undefined;
    const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
    return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}
