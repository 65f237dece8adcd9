import { setTimeout as sleep } from 'node:timers/promises';

/** Pauses that double from the first to the longest, with a little jitter, until `reset`. */
export class GrowingPause {
  private next: number;

  /** Both in milliseconds. */
  constructor(
    private readonly first: number,
    private readonly longest: number,
  ) {
    this.next = first;
  }

  /** Waits, or returns early when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const pause = this.next * (0.8 + Math.random() * 0.4);
    this.next = Math.min(this.next * 2, this.longest);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }

  reset(): void {
    this.next = this.first;
  }
}
