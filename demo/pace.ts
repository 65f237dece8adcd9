const FIRST = 4;
/**
 * Work that takes this much longer than the fastest so far means that there is too much at a time.
 */
const SLOW = 6;
const SLOW_MILLISECONDS = 4_000;

/**
 * How much work runs at a time: doubled with each good round, halved when it becomes slow, and then
 * increased by one with each round. So a busy machine gets no more than it can do, since time-outs
 * would cost it even more.
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

  /** How much may run now. */
  get width(): number {
    return Math.floor(this.limit);
  }

  /** Runs the work when a slot is free. */
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
      // Work that started before the slowdown says nothing about the pace since.
      this.slowedAt = this.now();
      this.limit = Math.max(1, this.limit / 2);
    }
  }

  private wake(): void {
    for (let free = this.width - this.underWay; free > 0; free -= 1) this.waiting.shift()?.();
  }
}
