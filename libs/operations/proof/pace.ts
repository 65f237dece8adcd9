import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** So long at most do others on this event loop wait for a piece of work. */
const PIECE_MILLISECONDS = 10;
/** A piece that took longer was mostly waiting for a server. */
const LONGEST_REST_MILLISECONDS = 100;

/** The time, and how a piece of work is followed by a rest. */
export interface Clock {
  /** In milliseconds. */
  now(): number;
  /** Leaves the event loop to others, after so many milliseconds of work. */
  rest(worked: number): Promise<unknown>;
}

/** Others have their turn, and then the work goes on. */
export const TAKING_TURNS: Clock = { now: () => performance.now(), rest: () => turn() };

/** Work that nobody waits for: it takes half of the time at most. */
export const HALF_THE_TIME: Clock = {
  now: () => performance.now(),
  rest: (worked) => sleep(Math.min(worked, LONGEST_REST_MILLISECONDS)),
};

/** Cuts long work into pieces, and measures it. */
export class Pace {
  private readonly begunAt: number;
  private pieceBegunAt: number;
  private rested = 0;

  /** The work begins now. A signal that aborts ends it at the next breath. */
  constructor(
    private readonly clock: Clock,
    private readonly signal?: AbortSignal,
  ) {
    this.begunAt = clock.now();
    this.pieceBegunAt = this.begunAt;
  }

  /** Milliseconds since the work began, without the rests. */
  get worked(): number {
    return this.clock.now() - this.begunAt - this.rested;
  }

  /** To be awaited wherever the work may be interrupted. Throws an `AbortError` once the signal has aborted. */
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
