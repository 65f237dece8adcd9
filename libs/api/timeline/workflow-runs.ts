import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { TimelineItem } from '#contracts/timeline.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import type { AskedTimeline, TimelineSource } from './asked-timeline.js';

/** Runs that ended long ago are forgotten by Temporal. */
const MOST_RUNS = 20;

/** The runs of an entity's workflow that Temporal remembers, the latest ones. */
export function workflowRuns(client: Client): TimelineSource {
  return {
    name: 'temporal',
    items: async ({ stream }: AskedTimeline) => {
      const items: TimelineItem[] = [];
      // No id of an entity contains a quotation mark.
      const query = `WorkflowId = "${stream}"`;
      for await (const run of client.workflow.list({ query, pageSize: MOST_RUNS })) {
        items.push(itemOf(run));
        if (items.length === MOST_RUNS) break;
      }
      return items;
    },
  };
}

function itemOf({
  runId,
  type,
  status,
  startTime,
  closeTime,
  historyLength,
  taskQueue,
}: WorkflowExecutionInfo) {
  const until = closeTime && toTimestamp(closeTime.getTime());
  const words = status.name.toLowerCase().replaceAll('_', ' ');
  return {
    id: `run-${runId}`,
    lane: 'workflow' as const,
    at: toTimestamp(startTime.getTime()),
    ...(until !== undefined && { until }),
    title: `Workflow ${words}`,
    detail: `${historyLength} entries in its history`,
    data: { runId, type, taskQueue },
  };
}
