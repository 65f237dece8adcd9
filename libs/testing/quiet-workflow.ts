import { status } from '@grpc/grpc-js';
import { isGrpcServiceError, type WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const PATIENCE_MILLISECONDS = 20_000;
const PAUSE_MILLISECONDS = 10;

/**
 * Waits until a workflow can do nothing before time passes or something arrives. Returns its
 * history, or undefined if there is no such workflow. Throws if a task of the workflow fails, as
 * after a defect in its code.
 */
export async function quietHistory(handle: WorkflowHandle): Promise<History | undefined> {
  const end = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const history = await historyOf(handle);
    if (!history) return undefined;
    const open = openIn(history.events ?? []);
    if (open.tasks === 0 && (open.activities === 0 || (await areRetried(handle, open.activities)))) {
      return history;
    }
    if (Date.now() > end) throw new Error(`${handle.workflowId} is not at rest: ${JSON.stringify(open)}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
}

async function historyOf(handle: WorkflowHandle): Promise<History | undefined> {
  try {
    return await handle.fetchHistory();
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === status.NOT_FOUND) return undefined;
    throw error;
  }
}

/** How many tasks and activities of a workflow were scheduled and have not ended. */
function openIn(events: readonly HistoryEvent[]): { tasks: number; activities: number } {
  let [tasks, activities] = [0, 0];
  for (const event of events) {
    const { workflowTaskFailedEventAttributes: failed } = event;
    if (failed && event === events.at(-1)) throw new Error(`a task has failed: ${failed.failure?.message}`);
    if (event.workflowTaskScheduledEventAttributes) tasks += 1;
    if (event.workflowTaskCompletedEventAttributes ?? failed ?? event.workflowTaskTimedOutEventAttributes) {
      tasks -= 1;
    }
    if (event.activityTaskScheduledEventAttributes) activities += 1;
    if (
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes
    ) {
      activities -= 1;
    }
  }
  return { tasks, activities };
}

/**
 * Whether all activities that have not ended have failed and pause before their next attempt, or
 * stand for open callbacks.
 */
async function areRetried(handle: WorkflowHandle, count: number): Promise<boolean> {
  const { raw } = await handle.describe();
  const paused = (raw.pendingActivities ?? []).filter(({ attempt, state, activityType }) =>
    Number(state) === SCHEDULED ? (attempt ?? 1) > 1 : activityType?.name === 'watchCallback',
  );
  return paused.length === count;
}

/** `PENDING_ACTIVITY_STATE_SCHEDULED` */
const SCHEDULED = 1;
