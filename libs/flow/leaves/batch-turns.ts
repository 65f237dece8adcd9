import { Counter, Gauge } from 'prom-client';
import { ProblemError } from '#libs/core/problem-error.js';
import { EffectNotDoneError } from '#libs/entity/activities/entity-activities.errors.js';

/** As many as the leaves of one spread under way by default, so nothing waits at first. */
const FIRST_LIMIT = 16;
const HIGHEST_LIMIT = 400;

const underWay = new Gauge({
  name: 'perdure_spread_batches',
  help: 'Batches of items of spreads that this process handles now',
});
const limitGauge = new Gauge({
  name: 'perdure_spread_batches_limit',
  help: 'How many batches of items this process may handle at a time; it falls under overload',
});
const halvings = new Counter({
  name: 'perdure_spread_overloads_total',
  help: 'How often that limit was halved because batches took too long or found a server busy',
});

/** The turn of one batch. */
export interface BatchTurn {
  /** Must be called once the batch is over. */
  end(wasOverloaded: boolean): void;
}

/**
 * Bounds how many batches of items a process handles at a time, so that a spread slows down instead
 * of failing where everything is busy: what is late is tried again, and would only add to the load.
 * The limit is halved by an overload and grows by one for each round of batches without one, as the
 * window of TCP does (RFC 5681; Chiu and Jain, 1989).
 */
export class BatchTurns {
  private running = 0;
  private halvedAt = -Infinity;
  /** In the order of their arrival. */
  private readonly waiting = new Set<() => void>();

  constructor(private most = FIRST_LIMIT) {}

  /** How many batches may be under way now. */
  get limit(): number {
    return Math.floor(this.most);
  }

  /** Waits for a turn. Undefined if the signal is aborted before. */
  async take(signal: AbortSignal): Promise<BatchTurn | undefined> {
    if (signal.aborted) return undefined;
    if (this.running < this.limit && this.waiting.size === 0) this.count(1);
    else if (!(await this.called(signal))) return undefined;
    const begunAt = performance.now();
    return {
      end: (wasOverloaded) => {
        if (wasOverloaded) this.halve(begunAt);
        else if (this.running >= this.limit) this.most = Math.min(HIGHEST_LIMIT, this.most + 1 / this.most);
        this.count(-1);
        this.callNext();
      },
    };
  }

  private called(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = (isTurn: boolean): void => {
        this.waiting.delete(begin);
        signal.removeEventListener('abort', giveUp);
        resolve(isTurn);
      };
      const begin = (): void => leave(true);
      const giveUp = (): void => leave(false);
      signal.addEventListener('abort', giveUp);
      this.waiting.add(begin);
    });
  }

  private callNext(): void {
    for (const begin of this.waiting) {
      if (this.running >= this.limit) return;
      this.count(1);
      begin();
    }
  }

  /** Batches that began before the last halving say nothing about the limit since then. */
  private halve(begunAt: number): void {
    if (begunAt <= this.halvedAt) return;
    this.halvedAt = performance.now();
    this.most = Math.max(1, this.most / 2);
    halvings.inc();
  }

  private count(by: 1 | -1): void {
    this.running += by;
    underWay.inc(by);
    limitGauge.set(this.limit);
  }
}

/** Whether an error says that something had too much to do, and not that an item is bad. */
export function isOverload(error: unknown): boolean {
  if (error instanceof ProblemError) return error.status === 429 || error.status === 503;
  return error instanceof EffectNotDoneError;
}
