/** How often a process that ends is started again. */
export interface RestartPolicy {
  /** Restarts within the window. After one more end, it stays down. */
  readonly maxAttempts: number;
  /** The pause before the first restart within the window. Each further one is twice as long. */
  readonly backoffMs: number;
  readonly windowMs: number;
}

/**
 * Without a policy: milliseconds before a restart, after the first, second, … end in a row. The
 * first is short: most crashes are not repeated.
 */
const pauses = [100, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const steadyAfterMs = 60_000;
/** The longest that a pause grows to. */
const longestMs = 30_000;

/** The restarts of one process. */
export class Restarts {
  private endsInARow = 0;
  /** When it was restarted, within the window. */
  private times: readonly number[] = [];

  constructor(
    private readonly policy: RestartPolicy | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** The pause before the process is started again, or undefined if it is to stay down. */
  pauseAfter(ranMs: number): number | undefined {
    if (this.policy) return this.pauseWithin(this.policy);
    if (ranMs > steadyAfterMs) this.endsInARow = 0;
    this.endsInARow += 1;
    return pauses[Math.min(this.endsInARow, pauses.length) - 1];
  }

  private pauseWithin({ maxAttempts, backoffMs, windowMs }: RestartPolicy): number | undefined {
    const now = this.now();
    const recent = this.times.filter((time) => now - time < windowMs);
    if (recent.length >= maxAttempts) return undefined;
    this.times = [...recent, now];
    return Math.min(backoffMs * 2 ** recent.length, Math.max(backoffMs, longestMs));
  }
}
