import type { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { NO_PROGRESS, type Progress, withProgress } from './progress.js';

/** Heartbeats sent within one heartbeat timeout. */
const BEATS = 4;

/**
 * Temporal accepts at most 2 MiB in one payload, and fails an attempt whose heartbeat is larger.
 */
const MAX_NOTE_BYTES = 1_900_000;

/**
 * Sends heartbeats while an activity runs, so that a killed process is noticed after the heartbeat
 * timeout of the activity rather than its whole timeout. Each heartbeat carries the progress noted
 * last. A local activity needs no heartbeats: it ends with its workflow task.
 */
export const heartbeats: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      const { isLocal, heartbeatTimeoutMs } = context.info;
      if (isLocal || !heartbeatTimeoutMs) {
        const check = () => context.cancellationSignal.throwIfAborted();
        return withProgress({ ...NO_PROGRESS, check }, () => next(input));
      }
      const beating = new Heartbeats(context, heartbeatTimeoutMs / BEATS);
      try {
        return await withProgress(beating, () => next(input));
      } finally {
        beating.end();
      }
    },
  },
});

class Heartbeats implements Progress {
  readonly last: unknown;
  private details: unknown;
  private notedAt = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly context: Context,
    private readonly interval: number,
  ) {
    this.last = context.info.heartbeatDetails;
    this.details = this.last;
    // A heartbeat without details would erase those of the earlier ones.
    this.timer = setInterval(() => context.heartbeat(this.details), interval);
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
    clearInterval(this.timer);
  }
}
