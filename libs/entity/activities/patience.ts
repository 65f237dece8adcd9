import { setTimeout as pause } from 'node:timers/promises';

/** What takes longer is done without. */
const PATIENCE_MILLISECONDS = 500;

/**
 * The time that one attempt waits for a server which commands can do without. All questions share it, so that a slow server
 * costs the attempt no more than this, however often it is asked.
 */
export class Patience {
  private left = PATIENCE_MILLISECONDS;
  private asking = 0;
  private since = 0;

  /** The answer, or undefined when it fails or takes too long. */
  async answerTo<T>(ask: () => Promise<T>): Promise<T | undefined> {
    if (this.left <= 0) return undefined;
    // Those that are asked at the same time wait at the same time.
    if (this.asking === 0) this.since = performance.now();
    this.asking += 1;
    const timer = new AbortController();
    const late = pause(this.left, undefined, { signal: timer.signal });
    late.catch(() => undefined);
    try {
      return await Promise.race([ask(), late]).catch(() => undefined);
    } finally {
      timer.abort();
      this.asking -= 1;
      if (this.asking === 0) this.left -= performance.now() - this.since;
    }
  }
}
