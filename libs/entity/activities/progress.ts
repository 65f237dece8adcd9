import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * How far an attempt has come, so that the next one can resume there if this one fails or times
 * out.
 */
export interface Progress {
  /** What an earlier attempt noted last. */
  readonly last: unknown;
  /** Whether it is time to note something. */
  readonly isDue: boolean;
  /**
   * Notes plain JSON. If it is too large for a heartbeat, the next attempt resumes from the note
   * before.
   */
  note(details: object): void;
  /** Throws once nothing waits for this attempt any more. */
  check(): void;
}

/** The progress of work that notes none. */
export const NO_PROGRESS: Progress = {
  last: undefined,
  isDue: false,
  note: () => undefined,
  check: () => undefined,
};

const progress = new AsyncLocalStorage<Progress>();

/** The progress of the current activity; outside an activity, nothing is noted. */
export function currentProgress(): Progress {
  return progress.getStore() ?? NO_PROGRESS;
}

/** Runs work of which `currentProgress` returns this progress. */
export function withProgress<T>(own: Progress, work: () => Promise<T>): Promise<T> {
  return progress.run(own, work);
}
