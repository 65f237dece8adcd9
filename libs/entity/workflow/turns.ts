import { CancellationScope, condition } from '@temporalio/workflow';

/** Once so many local activities wait for their turns, the next one should be an ordinary one. */
const MOST_WAITING = 4;
/** So many local activities in a row keep everything else waiting. */
const MOST_IN_A_ROW = 8;

interface Waiter {
  readonly isSo?: () => boolean;
}

/**
 * Gives what happens in a workflow an order that is the same in every replay.
 *
 * A local activity may be under way when another workflow task begins: the earlier one lasted too
 * long, or was answered early because of a query. Its result then arrives before the new events,
 * after them, or together with them, and the history does not tell which. A replay receives all
 * results at once that belong to local activities under way
 * (`apply_local_activity_peeked_resolutions` in Temporal's sdk-core). If commands depended on it,
 * the replay would issue them in another order and fail (TMPRL1100). Therefore:
 *
 * - One local activity is under way at a time ({@link take}).
 * - What follows from its result comes first, then what waits in {@link until}, then what came from
 *   outside meanwhile ({@link later}): one after the other, each as far as it gets.
 */
class Turns {
  /** Whether turns are taken. In histories of older code, everything continued at once. */
  areTaken = false;
  /** How many there were: local activities, and whatever continued after waiting. */
  count = 0;
  private isBusy = false;
  private inARow = 0;
  private readonly starts: (() => void)[] = [];
  private readonly conditions: Waiter[] = [];
  private readonly arrivals: Waiter[] = [];
  /** The one that was told to continue, until it does. */
  private released: Waiter | undefined;

  /** Whether a local activity would wait, or keep others waiting, for long. */
  get areCrowded(): boolean {
    return this.starts.length >= MOST_WAITING || this.inARow >= MOST_IN_A_ROW;
  }

  /** Starts a local activity: at once, or after all that came before. */
  take<T>(work: () => Promise<T>): Promise<T> {
    if (!this.areTaken) return work();
    if (!this.isBusy) return this.start(work);
    return new Promise<void>((begin) => this.starts.push(begin)).then(() => this.start(work));
  }

  /** Waits until something is so while no local activity is under way. */
  until(isSo: () => boolean): Promise<void> {
    return this.areTaken ? this.wait({ isSo }, this.conditions) : condition(isSo);
  }

  /** What came of anything but a local activity, once nothing else is to be done first. */
  later<T>(work: Promise<T>): Promise<T> {
    return this.areTaken ? this.afterOthers(work) : work;
  }

  private async afterOthers<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      await this.wait({}, this.arrivals);
    }
  }

  private start<T>(work: () => Promise<T>): Promise<T> {
    this.isBusy = true;
    this.inARow += 1;
    this.count += 1;
    const result = work();
    const pass = () => this.pass();
    result.then(pass, pass);
    return result;
  }

  private pass(): void {
    const next = this.starts.shift();
    if (next) next();
    else this.isBusy = false;
  }

  /** Never returns before everything that runs now has come as far as it gets. */
  private async wait(waiter: Waiter, queue: Waiter[]): Promise<void> {
    let isRegistered = false;
    const released = () => isRegistered && this.release(waiter);
    const turn = CancellationScope.nonCancellable(() => condition(released));
    queue.push(waiter);
    isRegistered = true;
    await turn;
    queue.splice(queue.indexOf(waiter), 1);
    this.released = undefined;
    this.inARow = 0;
    this.count += 1;
  }

  private release(waiter: Waiter): boolean {
    if (this.isBusy || this.released) return false;
    const next = this.conditions.find(({ isSo }) => isSo?.()) ?? this.arrivals[0];
    if (next !== waiter) return false;
    this.released = waiter;
    return true;
  }
}

/** Those of this workflow: Temporal loads the modules of each workflow apart. */
export const turns = new Turns();
