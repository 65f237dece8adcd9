/** What is known of a worker at one time. */
export interface WorkerSample {
  /** When Temporal last saw it poll its task queue. Undefined if that is not known. */
  readonly polledAt?: number | undefined;
  /** Steps that its workflow thread has been given and has not finished. */
  readonly activations: number;
  /** Whether it takes no more activities, because it handles as many as it may. */
  readonly isFull: boolean;
  /** How many tasks it has finished. Asked only if the rest leaves a doubt. */
  finished(): Promise<number | undefined>;
}

/** How long a worker may show no progress, in milliseconds. */
export interface WorkerPatience {
  /** How often it is looked at. */
  readonly lookEvery: number;
  /** A poll at rest lasts a minute, so that Temporal hears from an idle worker that often. */
  readonly poll: number;
  /** A step may take 5 s, then the SDK ends it. */
  readonly step: number;
  /** How long a stuck worker may take to end, before only the end of its process can end it. */
  readonly end: number;
}

export const WORKER_PATIENCE: WorkerPatience = {
  lookEvery: 10_000,
  poll: 150_000,
  step: 60_000,
  end: 15_000,
};

/**
 * Whether a worker makes progress: Temporal sees it poll its task queue, or it finishes tasks. A
 * busy worker that is slow makes progress, and so may one of which nothing is known: time in which
 * Temporal did not answer, or this process itself stood still, does not count.
 */
export class WorkerProgress {
  private lookedAt: number;
  private movedAt: number;
  private polledAt = 0;
  /** Since when its thread has been given steps and finished none. */
  private busySince: number | undefined;
  private finished: number | undefined;

  constructor(
    private readonly patience: WorkerPatience,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.lookedAt = now();
    this.movedAt = this.lookedAt;
  }

  /** Why the worker is stuck. Undefined if it is not, as far as is known. */
  async look({ polledAt, activations, isFull, finished }: WorkerSample): Promise<string | undefined> {
    const now = this.now();
    const elapsed = now - this.lookedAt;
    this.lookedAt = now;
    if (polledAt === undefined || elapsed > 3 * this.patience.lookEvery) {
      this.movedAt += elapsed;
      if (this.busySince !== undefined) this.busySince += elapsed;
      return undefined;
    }
    if (polledAt > this.polledAt || isFull) this.movedAt = now;
    this.polledAt = Math.max(this.polledAt, polledAt);
    const wasBusy = this.busySince !== undefined;
    if (activations === 0) this.busySince = undefined;
    else this.busySince ??= now;
    if (wasBusy || now - this.movedAt > this.patience.poll / 2) await this.count(finished, now);
    return this.reason(now);
  }

  private async count(finished: WorkerSample['finished'], now: number): Promise<void> {
    const count = await finished();
    if (count === undefined || count === this.finished) return;
    this.finished = count;
    this.movedAt = now;
    if (this.busySince !== undefined) this.busySince = now;
  }

  private reason(now: number): string | undefined {
    const { poll, step } = this.patience;
    if (this.busySince !== undefined && now - this.busySince > step) {
      return `its workflow thread has finished no step for ${step / 1_000} s`;
    }
    if (now - this.movedAt > poll) return `it has not polled its task queue for ${poll / 1_000} s`;
    return undefined;
  }
}
