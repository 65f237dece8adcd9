const FIRST = 4;
/** A piece of work that took this much longer than the quickest so far was one of too many at a time. */
const SLOW = 6;
const SLOW_MILLISECONDS = 4_000;

/**
 * How much work is under way at a time: twice as much with each round that goes well, half as much when it becomes slow,
 * and from then on one more with each round. So a
 * busy machine is not given more than it can do, whose time-outs would cost it yet more.
 */
export class Pace {
  private limit: number;
  private underWay = 0;
  private quickest = Infinity;
  private slowedAt: number | undefined;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly most: number,
    private readonly now: () => number = Date.now,
  ) {
    this.limit = Math.min(FIRST, most);
  }

  /** As many as may be under way now. */
  get width(): number {
    return Math.floor(this.limit);
  }

  /** Runs the work when its turn has come. */
  async run(work: () => Promise<void>): Promise<void> {
    while (this.underWay >= this.width) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.underWay += 1;
    const startedAt = this.now();
    try {
      await work();
    } finally {
      this.underWay -= 1;
      this.learn(startedAt, this.now() - startedAt);
      this.wake();
    }
  }

  private learn(startedAt: number, took: number): void {
    this.quickest = Math.min(this.quickest, took);
    if (took <= SLOW_MILLISECONDS || took <= SLOW * this.quickest) {
      this.limit = Math.min(this.most, this.limit + (this.slowedAt === undefined ? 1 : 1 / this.limit));
    } else if (this.slowedAt === undefined || startedAt >= this.slowedAt) {
      // What had started before it was slowed down says nothing about the pace since.
      this.slowedAt = this.now();
      this.limit = Math.max(1, this.limit / 2);
    }
  }

  private wake(): void {
    for (let free = this.width - this.underWay; free > 0; free -= 1) this.waiting.shift()?.();
  }
}
