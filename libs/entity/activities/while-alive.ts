import { AsyncLocalStorage } from 'node:async_hooks';
import { Context } from '@temporalio/activity';
import { jsonBytes } from '#libs/core/json-bytes.js';

/** Beats in the time after which Temporal would take the process for dead. */
const BEATS = 4;

/** Temporal takes at most 2 MiB in one payload, and fails the attempt whose heartbeat has more. */
const MAX_NOTE_BYTES = 1_900_000;

/**
 * How far an attempt has come: where the next one resumes, should this one fail or take too long.
 */
export interface Progress {
  /** What an earlier attempt noted last. */
  readonly last: unknown;
  /** Whether the time has come to note something. */
  readonly isDue: boolean;
  /**
   * Plain JSON. What is too large for a heartbeat is not noted: the next attempt begins at the note
   * before.
   */
  note(details: object): void;
  /** Throws once nobody waits for this attempt any more. */
  check(): void;
}

const NONE: Progress = { last: undefined, isDue: false, note: () => undefined, check: () => undefined };

const progress = new AsyncLocalStorage<Progress>();

/** That of the activity which is at work; outside of one, nothing is noted. */
export function currentProgress(): Progress {
  return progress.getStore() ?? NONE;
}

/**
 * Does the work of an activity, and lets Temporal know meanwhile that its process lives: one that
 * was killed is missed, and the work begun elsewhere, after the heartbeat time-out of the activity
 * instead of its whole time. Each heartbeat carries what was noted last. Local activities go with
 * their workflow task.
 */
export async function whileAlive<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const { isLocal, heartbeatTimeoutMs } = context.info;
  const check = () => context.cancellationSignal.throwIfAborted();
  if (isLocal || !heartbeatTimeoutMs) return progress.run({ ...NONE, check }, work);
  const heartbeats = new Heartbeats(context, heartbeatTimeoutMs / BEATS);
  try {
    return await progress.run(heartbeats, work);
  } finally {
    heartbeats.end();
  }
}

class Heartbeats implements Progress {
  readonly last: unknown;
  private details: unknown;
  private notedAt = performance.now();
  private readonly beating: NodeJS.Timeout;

  constructor(
    private readonly context: Context,
    private readonly interval: number,
  ) {
    this.last = context.info.heartbeatDetails;
    this.details = this.last;
    // A heartbeat without details would take back those of before.
    this.beating = setInterval(() => context.heartbeat(this.details), interval);
  }

  get isDue(): boolean {
    return performance.now() - this.notedAt >= this.interval;
  }

  note(details: object): void {
    this.notedAt = performance.now();
    const bytes = jsonBytes(details);
    if (bytes > MAX_NOTE_BYTES) {
      this.context.log.warn('the progress of an activity is too large for a heartbeat', { bytes });
      return;
    }
    this.details = details;
    this.context.heartbeat(details);
  }

  check(): void {
    this.context.cancellationSignal.throwIfAborted();
  }

  end(): void {
    clearInterval(this.beating);
  }
}
