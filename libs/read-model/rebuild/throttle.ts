import { setTimeout as sleep } from 'node:timers/promises';

const MOST_PAUSE_MILLISECONDS = 1_000;

/** Lets this many items through per second, on average. More have to wait. */
export class Throttle {
  private freeAt = 0;

  constructor(
    public perSecond: number | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when these items may pass, or when told to stop. */
  async take(count: number): Promise<void> {
    const turn = Math.max(this.freeAt, performance.now());
    if (this.perSecond !== undefined) this.freeAt = turn + (count * 1_000) / this.perSecond;
    // In short pauses, since the rate may change in the meantime.
    while (this.perSecond !== undefined && !this.signal.aborted) {
      const left = turn - performance.now();
      if (left <= 0) return;
      await sleep(Math.min(left, MOST_PAUSE_MILLISECONDS), undefined, { signal: this.signal }).catch(
        () => undefined,
      );
    }
  }
}
