import { setTimeout as pause } from 'node:timers/promises';

/** After this time, the answer is not waited for. */
const PATIENCE_MILLISECONDS = 500;

/**
 * The time that one attempt waits for a server that it can do without. All its questions share this
 * time, so a slow server costs the attempt no more, however many questions there are.
 */
export class Patience {
  private left = PATIENCE_MILLISECONDS;
  private asking = 0;
  private since = 0;

  /** The answer; undefined if it fails or takes too long. */
  async answerTo<T>(ask: () => Promise<T>): Promise<T | undefined> {
    if (this.left <= 0) return undefined;
    // Concurrent questions wait at the same time, so their time counts once.
    if (this.asking === 0) this.since = performance.now();
    this.asking += 1;
    const timer = new AbortController();
    // Timers count whole milliseconds, so one may fire a part of one early and leave that part.
    const late = pause(this.left, undefined, { signal: timer.signal }).then(() => void (this.left = 0));
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
