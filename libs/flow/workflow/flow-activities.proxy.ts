import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  DeterminismViolationError,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { TimeoutType } from '@temporalio/common';
import { callRetries, failedCall } from '#libs/core/flow/call-retries.js';
import type { ActionOutcome, ActionRequest, CallbackWatch } from '#libs/core/flow/flow-host.js';
import { toMilliseconds } from '#libs/core/timestamp.js';
import { callsQueueOf, effectsQueueOf } from '#libs/entity/protocol/task-queues.js';
import { isObject } from '#libs/entity/protocol/message-shapes.js';
import { clock } from './flow-clock.js';
import { turns } from '#libs/entity/workflow/turns.js';
import {
  effectActivities,
  HEARTBEAT_TIMEOUT,
  insist,
  ONE_LOCAL_ATTEMPT,
} from '#libs/entity/workflow/entity-activities.proxy.js';
import {
  activityIdOf,
  type AskRequest,
  type AskResult,
  type FlowActivities,
  type InboxPage,
  type InboxRequest,
  type InputOutcome,
  type InputRequest,
  type StepRequest,
} from '#libs/flow/protocol/flow-activities.js';

/** Before the activity of a callback that somebody has ended is started again. */
const WATCH_PAUSE = 1_000;

const local = proxyLocalActivities<FlowActivities>(ONE_LOCAL_ATTEMPT);

/**
 * Calls something outside by the policy of the call. Rejects only if its scope is cancelled, and
 * then after the attempt under way.
 */
export async function call(step: StepRequest, policy: ActionRequest['policy']): Promise<ActionOutcome> {
  const retries = callRetries(policy);
  const { initialInterval, backoffCoefficient, maximumInterval, maximumAttempts, patience } = retries;
  const activities = proxyActivities<FlowActivities>({
    // All calls are activities of one type. By their ids, a replay finds a call that was not made.
    activityId: activityIdOf(step.place),
    taskQueue: callsQueueOf(workflowInfo().taskQueue),
    startToCloseTimeout: retries.attemptTimeout,
    ...(patience !== undefined && { scheduleToCloseTimeout: patience }),
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: {
      initialInterval,
      backoffCoefficient,
      maximumInterval,
      ...(maximumAttempts !== undefined && { maximumAttempts }),
      nonRetryableErrorTypes: [...retries.nonRetryable],
    },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  try {
    const outcome = await turns.later(activities.performStep(step));
    if (isOutcome(outcome)) {
      clock.note(outcome.at);
      return outcome;
    }
    return failedCall(retries, undefined, 'the activity was completed with another result');
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    const type = cause instanceof ApplicationFailure ? cause.type : undefined;
    return failedCall(retries, type, cause?.message ?? error.message);
  }
}

/** Sends a command: at once if the receiver answers within two seconds, else until it does. */
export async function send(step: StepRequest): Promise<ActionOutcome> {
  // It is so short that it is not cancelled: its outcome would then not be known.
  const once = () => CancellationScope.nonCancellable(() => local.performStep(step));
  const outcome = await locallyFirst(
    once,
    () => effectActivities<FlowActivities>().performStep(step),
    isOutcome,
  );
  checkOrder(step.place, outcome.place);
  clock.note(outcome.at);
  return outcome;
}

/**
 * Waits until the heartbeats of a callback, or its end, fail to come. If somebody ends the activity
 * by hand, or a reset does, it is started again.
 */
export async function watchCallback({ place, until, heartbeat }: CallbackWatch): Promise<'silent' | 'late'> {
  for (;;) {
    const left = Math.max(1, toMilliseconds(until) - Date.now());
    const activities = proxyActivities<FlowActivities>({
      activityId: activityIdOf(place),
      taskQueue: effectsQueueOf(workflowInfo().taskQueue),
      startToCloseTimeout: left,
      scheduleToCloseTimeout: left,
      ...(heartbeat !== undefined && { heartbeatTimeout: heartbeat }),
      retry: { maximumAttempts: 1 },
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    });
    try {
      await turns.later(activities.watchCallback());
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { cause } = error as ActivityFailure;
      if (cause instanceof TimeoutFailure) {
        if (cause.timeoutType === TimeoutType.HEARTBEAT) return 'silent';
        clock.note(toMilliseconds(until));
        return 'late';
      }
    }
    await turns.later(sleep(WATCH_PAUSE));
  }
}

/** Asks an entity for its state. */
export async function ask(request: AskRequest): Promise<AskResult> {
  const once = () => local.askEntity(request);
  const answer = await locallyFirst(
    once,
    () => effectActivities<FlowActivities>().askEntity(request),
    isObject,
  );
  checkOrder(request.stream, answer.stream);
  clock.note(answer.at);
  return answer;
}

/** Reads messages from the stream of the flow. */
export function readInbox(request: InboxRequest): Promise<InboxPage> {
  return locallyFirst(
    () => local.readInbox(request),
    () => effectActivities<FlowActivities>().readInbox(request),
    isPage,
  );
}

/** Reads the input of a flow that is kept as a blob. */
export function readInput(request: InputRequest): Promise<InputOutcome> {
  return locallyFirst(
    () => local.readInput(request),
    () => effectActivities<FlowActivities>().readInput(request),
    isInput,
  );
}

async function locallyFirst<T>(
  once: () => Promise<T>,
  durably: () => Promise<T>,
  isAnswer: (answer: unknown) => boolean,
): Promise<T> {
  try {
    if (!turns.areCrowded) {
      const answer = await turns.take(once);
      if (isAnswer(answer)) return answer;
    }
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
  return insist(() => turns.later(durably()), isAnswer);
}

/**
 * Temporal tells local activities of one type apart by their number only. If the code was changed,
 * a replay would hand the recorded answer of one step to another.
 */
function checkOrder(asked: string, answered: unknown): void {
  if (asked === answered || typeof answered !== 'string') return;
  throw new DeterminismViolationError(
    `the code asks for ${asked}, and the history has the answer of ${answered} at this point`,
  );
}

/** Anyone may complete an activity with any result. */
function isOutcome(value: unknown): value is ActionOutcome {
  const { status, code } = isObject(value) ? value : {};
  return status === 'done' || ((status === 'refused' || status === 'unresolved') && typeof code === 'string');
}

function isPage(value: unknown): value is InboxPage {
  const { messages, upTo } = isObject(value) ? value : {};
  return Array.isArray(messages) && Number.isSafeInteger(upTo);
}

function isInput(value: unknown): value is InputOutcome {
  const { status, input, detail } = isObject(value) ? value : {};
  return (status === 'read' && isObject(input)) || (status === 'lost' && typeof detail === 'string');
}
