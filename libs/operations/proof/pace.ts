import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** The longest that a piece of work blocks others on this event loop. */
const PIECE_MILLISECONDS = 10;
/** A piece that took longer was mostly waiting for a server. */
const LONGEST_REST_MILLISECONDS = 100;

/** The time, and how long to pause after a piece of work. */
export interface Clock {
  /** In milliseconds. */
  now(): number;
  /** Yields the event loop after this many milliseconds of work. */
  rest(worked: number): Promise<unknown>;
}

/** Yields to others once, then continues. */
export const TAKING_TURNS: Clock = { now: () => performance.now(), rest: () => turn() };

/** For background work: takes at most half of the time. */
export const HALF_THE_TIME: Clock = {
  now: () => performance.now(),
  rest: (worked) => sleep(Math.min(worked, LONGEST_REST_MILLISECONDS)),
};

/** Splits long work into pieces, and measures it. */
export class Pace {
  private readonly begunAt: number;
  private pieceBegunAt: number;
  private rested = 0;

  /** The work starts now. An aborted signal ends it at the next `breathe`. */
  constructor(
    private readonly clock: Clock,
    private readonly signal?: AbortSignal,
  ) {
    this.begunAt = clock.now();
    this.pieceBegunAt = this.begunAt;
  }

  /** Milliseconds of work so far, without pauses. */
  get worked(): number {
    return this.clock.now() - this.begunAt - this.rested;
  }

  /**
   * To be awaited wherever the work can be interrupted. Throws an `AbortError` once the signal has
   * aborted.
   */
  async breathe(): Promise<void> {
    this.signal?.throwIfAborted();
    const pieceEndedAt = this.clock.now();
    const worked = pieceEndedAt - this.pieceBegunAt;
    if (worked < PIECE_MILLISECONDS) return;
    await this.clock.rest(worked);
    this.pieceBegunAt = this.clock.now();
    this.rested += this.pieceBegunAt - pieceEndedAt;
  }
}
