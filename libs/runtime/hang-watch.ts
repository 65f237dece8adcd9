/** How often the thread is looked at. */
const LOOK_MILLISECONDS = 1_000;

/**
 * Notices that a thread, which does its work piece by piece, has got stuck in one of them. A piece
 * that waits behind others, or for a main thread that was busy itself, is not stuck.
 */
export class HangWatch {
  private pending = 0;
  private answeredAt = 0;
  private lookedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  /** Calls `onHang` once nothing was answered for `limit` milliseconds while work was pending. */
  constructor(
    private readonly limit: number,
    private readonly onHang: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Watches a piece of work. */
  async during<T>(work: Promise<T>): Promise<T> {
    if (this.pending === 0) this.answeredAt = this.now();
    this.pending += 1;
    try {
      return await work;
    } finally {
      this.pending -= 1;
      this.answeredAt = this.now();
    }
  }

  start(): void {
    this.lookedAt = this.now();
    this.timer = setInterval(() => this.look(), LOOK_MILLISECONDS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Called every second. */
  look(): void {
    const now = this.now();
    const wasBusyItself = now - this.lookedAt > 2 * LOOK_MILLISECONDS;
    this.lookedAt = now;
    // Answers may have arrived that could not be handled.
    if (wasBusyItself) this.answeredAt = now;
    if (this.pending === 0 || now - this.answeredAt < this.limit) return;
    this.stop();
    this.onHang();
  }
}
