import { setTimeout as sleep } from 'node:timers/promises';

const MOST_PAUSE_MILLISECONDS = 1_000;

/** Lets so many things through a second, on average; more than that wait for their turn. */
export class Throttle {
  private freeAt = 0;

  constructor(
    public perSecond: number | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when it is the turn of these, or when told to stop. */
  async take(count: number): Promise<void> {
    const turn = Math.max(this.freeAt, performance.now());
    if (this.perSecond !== undefined) this.freeAt = turn + (count * 1_000) / this.perSecond;
    // In short pauses: the rate may be changed meanwhile.
    while (this.perSecond !== undefined && !this.signal.aborted) {
      const left = turn - performance.now();
      if (left <= 0) return;
      await sleep(Math.min(left, MOST_PAUSE_MILLISECONDS), undefined, { signal: this.signal }).catch(
        () => undefined,
      );
    }
  }
}
