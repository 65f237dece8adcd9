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
import {
  effectsQueueOf,
  type DecideRequest,
  type DecideResult,
  type EffectRequest,
  type EffectResult,
  type EntityActivities,
  type LoadRequest,
  type LoadResult,
  type SnapshotRequest,
  type SnapshotResult,
} from '#libs/entity/protocol/entity-messages.js';
import { isDecideResult, isEffectResult, isLoadResult } from '#libs/entity/protocol/message-shapes.js';

/** Milliseconds. Below 80 % of the workflow task time-out (3 s), so that a slow store costs no extra workflow task. */
const LOCAL_TIMEOUT = 2_000;
const DURABLE_TIMEOUT = 60_000;
/** Without a word from a process, which says one every second: then it was killed, and the work is begun elsewhere. */
const HEARTBEAT_TIMEOUT = 5_000;
/** Before an activity that somebody has ended by hand is begun again. It doubles up to a minute. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

const local = proxyLocalActivities<EntityActivities>({
  startToCloseTimeout: LOCAL_TIMEOUT,
  retry: { maximumAttempts: 1 },
});

const durable = proxyActivities<EntityActivities>({
  startToCloseTimeout: DURABLE_TIMEOUT,
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** Does what an event asks for, again and again until it is done or refused, or its scope is cancelled. */
export function runEffect(request: EffectRequest): Promise<EffectResult> {
  const outside = proxyActivities<EntityActivities>({
    taskQueue: effectsQueueOf(workflowInfo().taskQueue),
    startToCloseTimeout: '15s',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
    // One that is withdrawn in the middle of an attempt may still succeed: what came of it has to be known.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  return insist(() => outside.runEffect(request), isEffectResult);
}

/** Decides and appends; while the store is away it waits durably, without holding a workflow task. */
export function decideAndAppend(request: DecideRequest): Promise<DecideResult> {
  // The next attempt comes when the time is up; half of it leaves room for an activity that is slow to begin.
  const decide = () =>
    locallyElseDurably((activities, timeout) =>
      activities.decideAndAppend({ ...request, patience: timeout / 2 }),
    );
  return insist(decide, isDecideResult);
}

/** Loads what the run starts from; a long stream or a store that is away makes it an ordinary activity. */
export function loadEntity(request: LoadRequest): Promise<LoadResult> {
  return insist(() => locallyElseDurably((activities) => activities.loadEntity(request)), isLoadResult);
}

/** Leaves a snapshot behind, at once or not at all: nobody should wait for what is only a cache. */
export async function saveSnapshot(request: SnapshotRequest): Promise<SnapshotResult> {
  try {
    return await local.saveSnapshot(request);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { isSaved: false };
  }
}

async function locallyElseDurably<T>(
  call: (activities: EntityActivities, timeout: number) => Promise<T>,
): Promise<T> {
  try {
    return await call(local, LOCAL_TIMEOUT);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return call(durable, DURABLE_TIMEOUT);
  }
}

/**
 * Begins anew until there is an answer. An activity is retried by itself for as long as it fails, but somebody may complete it
 * with any result, or fail it for good; and a reset of the workflow fails those under way.
 */
async function insist<T>(ask: () => Promise<T>, isAnswer: (answer: unknown) => boolean): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      const answer = await ask();
      if (isAnswer(answer)) return answer;
      log.warn('an activity was completed with a result that it does not have; it begins anew');
    } catch (error) {
      // The last attempt of what is not wanted any more may end in any way.
      if (isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
      log.warn('an activity was ended from outside; it begins anew', { error: String(error) });
    }
    await sleep(pause);
  }
}
