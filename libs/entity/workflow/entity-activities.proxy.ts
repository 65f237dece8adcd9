import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  log,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { errorText } from '#libs/core/error-text.js';
import type {
  DecideRequest,
  DecideResult,
  EffectRequest,
  EffectResult,
  EffectTry,
  EntityActivities,
  LoadRequest,
  LoadResult,
  SnapshotRequest,
  SnapshotResult,
} from '#libs/entity/protocol/activity-messages.js';
import {
  isDecideResult,
  isEffectResult,
  isEffectTry,
  isLoadResult,
} from '#libs/entity/protocol/message-shapes.js';
import { effectsQueueOf } from '#libs/entity/protocol/task-queues.js';
import { turns } from './turns.js';

/**
 * Milliseconds. Less than 80 % of the workflow task timeout (3 s), so that a slow store costs no
 * extra workflow task.
 */
const LOCAL_TIMEOUT = 2_000;
const DURABLE_TIMEOUT = 60_000;
/**
 * A process that sends no heartbeat for this long was killed, and its work is started elsewhere.
 */
export const HEARTBEAT_TIMEOUT = 5_000;
/**
 * The pause before an activity that someone ended by hand is started again. It doubles, up to a
 * minute.
 */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

/** For a local activity that is followed by an ordinary one if it fails. */
export const ONE_LOCAL_ATTEMPT = {
  startToCloseTimeout: LOCAL_TIMEOUT,
  retry: { maximumAttempts: 1 },
} as const;

const local = proxyLocalActivities<EntityActivities>(ONE_LOCAL_ATTEMPT);

const trying = proxyLocalActivities<EntityActivities>({
  ...ONE_LOCAL_ATTEMPT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

const durable = proxyActivities<EntityActivities>({
  startToCloseTimeout: DURABLE_TIMEOUT,
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** Activities for what reaches other entities, retried until they succeed or are cancelled. */
export function effectActivities<Activities>() {
  return proxyActivities<Activities>({
    taskQueue: effectsQueueOf(workflowInfo().taskQueue),
    startToCloseTimeout: '15s',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
    // An effect that is withdrawn during an attempt may still succeed, and its outcome has to be
    // known.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
}

/** Runs an effect, with retries until it is done or refused, or its scope is cancelled. */
export function runEffect(request: EffectRequest): Promise<EffectResult> {
  const outside = effectActivities<EntityActivities>();
  return insist(() => turns.later(outside.runEffect(request)), isEffectResult);
}

/**
 * Runs an effect once, within this workflow task. It holds up everything else that the entity does
 * for a moment, and costs Temporal no activity.
 */
export async function tryEffect(request: EffectRequest): Promise<EffectTry> {
  try {
    const answer = await trying.tryEffect(request);
    if (isEffectTry(answer)) return answer;
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
  return { wasTried: true };
}

/**
 * Decides and appends. While the store is unavailable, it waits in Temporal without holding a
 * workflow task.
 */
export function decideAndAppend(request: DecideRequest): Promise<DecideResult> {
  // The next attempt starts at the timeout. Half of that time leaves room for an activity that is
  // slow to start.
  const decide = () =>
    locallyElseDurably((activities, timeout) =>
      activities.decideAndAppend({ ...request, patience: timeout / 2 }),
    );
  return insist(decide, isDecideResult);
}

/**
 * Loads what the run starts from. For a long stream, or while the store is unavailable, this
 * becomes an ordinary activity.
 */
export function loadEntity(request: LoadRequest): Promise<LoadResult> {
  return insist(() => locallyElseDurably((activities) => activities.loadEntity(request)), isLoadResult);
}

/** Writes a snapshot in a single attempt: nothing should wait for what is only a cache. */
export async function saveSnapshot(request: SnapshotRequest): Promise<SnapshotResult> {
  try {
    return await turns.take(() => local.saveSnapshot(request));
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { isSaved: false };
  }
}

async function locallyElseDurably<T>(
  call: (activities: EntityActivities, timeout: number) => Promise<T>,
): Promise<T> {
  try {
    return await turns.take(() => call(local, LOCAL_TIMEOUT));
  } catch (error) {
    if (isCancellation(error)) throw error;
    return turns.later(call(durable, DURABLE_TIMEOUT));
  }
}

/**
 * Starts an activity again until it returns a valid result. Temporal retries an activity for as
 * long as it fails, but anyone may complete it with any result or fail it for good, and a reset of
 * the workflow fails the activities under way.
 */
export async function insist<T>(ask: () => Promise<T>, isAnswer: (answer: unknown) => boolean): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      const answer = await ask();
      if (isAnswer(answer)) return answer;
      log.warn('an activity was completed with a result of another shape; it is started again');
    } catch (error) {
      // The last attempt of a cancelled activity may end in any way.
      if (isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
      log.warn('an activity was ended from outside; it is started again', { error: errorText(error) });
    }
    await turns.later(sleep(pause));
  }
}
