import type { ScheduleDescription, ScheduleOptions, ScheduleUpdateOptions } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { canonicalJson } from '#libs/core/canonical-json.js';
import { streamName } from '#libs/core/entity-id.js';
import { millisecondsIn } from '#libs/core/flow/duration.js';
import type { Json } from '#libs/core/json.js';
import { sha256 } from '#libs/core/sha256.js';
import { ENTITY_TYPE, WORKFLOW_TASK_TIMEOUT } from '#libs/entity/gateway/temporal-entity-messages.js';
import type { EntityInput, ScheduledFlow } from '#libs/entity/protocol/entity-messages.js';
import { homeQueueOf, type Partitions } from '#libs/entity/protocol/task-queues.js';
import { OVERLAPS, type Schedule, scheduleId } from './schedule.js';

/** In the memo of a schedule: the service that declares it. */
const SERVICE = 'perdureService';

/** What the workflow of a scheduled flow is given. `declared` tells declarations apart. */
interface Given extends Pick<EntityInput, 'scheduled'> {
  readonly scheduled: ScheduledFlow & { readonly declared: string };
}

/** The schedule as Temporal takes it. Its id is that of the service, the tenant and the name. */
export function optionsOf(service: string, schedule: Schedule, partitions: Partitions = {}): ScheduleOptions {
  const { flow, tenant, name, input, timeField, overlap, catchUpWindow } = schedule;
  const scheduleIdOfIt = scheduleId(service, schedule);
  const scheduled: Given['scheduled'] = {
    schedule: scheduleIdOfIt,
    input,
    ...(timeField !== undefined && { timeField }),
    declared: sha256(canonicalJson(JSON.parse(JSON.stringify(schedule)) as Json)).slice(0, 16),
  };
  // Temporal appends the scheduled time, which makes it the name of a stream.
  const workflowId = streamName(flow, name, tenant);
  return {
    scheduleId: scheduleIdOfIt,
    spec: specOf(schedule),
    action: {
      type: 'startWorkflow',
      workflowType: flow,
      workflowId,
      // The flow itself may belong to another partition, to which it then moves.
      taskQueue: homeQueueOf(workflowId, partitions),
      args: [{ scheduled }],
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      staticSummary: `${flow}, scheduled by ${scheduleIdOfIt}`,
      typedSearchAttributes: new TypedSearchAttributes([{ key: ENTITY_TYPE, value: flow }]),
    },
    policies: { overlap: OVERLAPS[overlap], catchupWindow: catchUpWindow },
    memo: { [SERVICE]: service },
  };
}

function specOf({ times, timeZone: timezone }: Schedule): ScheduleOptions['spec'] {
  if ('at' in times) return { calendars: [...times.at], timezone };
  if ('cron' in times) return { cronExpressions: [times.cron], timezone };
  const every = millisecondsIn(times.every);
  return { intervals: [{ every, offset: millisecondsIn(times.offset ?? 0) }], timezone };
}

/** What replaces the declaration of a schedule and leaves its state, such as a pause, as it is. */
export function updateTo(
  { spec, action, policies }: ScheduleOptions,
  { state }: Pick<ScheduleDescription, 'state'>,
): ScheduleUpdateOptions {
  return { spec, action, ...(policies && { policies }), state };
}

/** Whether a schedule in Temporal is as it was declared, and starts its flows where it should. */
export function isDeclaredSo(options: ScheduleOptions, { action }: Pick<ScheduleDescription, 'action'>) {
  const declared = scheduledIn(options)?.declared;
  if (options.action.taskQueue !== action.taskQueue) return false;
  return declared !== undefined && declared === scheduledIn({ action })?.declared;
}

/** What a schedule gives to its flow; undefined if it is not one of ours. */
function scheduledIn({
  action,
}: {
  readonly action: { readonly args?: readonly unknown[] };
}): Given['scheduled'] | undefined {
  const [given] = (action.args ?? []) as readonly Partial<Given>[];
  return given?.scheduled;
}

/** The service that declared a schedule, or undefined if it is not one of ours. */
export function serviceOf({ memo }: { readonly memo?: Record<string, unknown> | undefined }) {
  const service = memo?.[SERVICE];
  return typeof service === 'string' ? service : undefined;
}
