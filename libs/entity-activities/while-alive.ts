import { Context } from '@temporalio/activity';

/** Beats in the time after which Temporal would take the process for dead. */
const BEATS = 4;

/**
 * Does the work of an activity, and lets Temporal know meanwhile that its process lives: one that was killed is missed, and the
 * work begun elsewhere, after the heartbeat time-out of the activity instead of its whole time. Local activities go with their
 * workflow task.
 */
export async function whileAlive<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const { isLocal, heartbeatTimeoutMs } = context.info;
  if (isLocal || !heartbeatTimeoutMs) return work();
  const beating = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / BEATS);
  try {
    return await work();
  } finally {
    clearInterval(beating);
  }
}
