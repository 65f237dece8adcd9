import type { WorkflowService } from '@temporalio/client';

/** What Temporal says of a task queue. */
export interface TaskQueueDepth {
  /** Tasks that wait for a worker, about. */
  readonly backlog: number;
  /** How long the oldest of them has waited. */
  readonly backlogSeconds: number;
  /**
   * When the worker with this identity last polled, by the server's clock. Undefined if the server
   * has seen no poll of it in the last minutes.
   */
  readonly polledAt: number | undefined;
}

/** Temporal's names of the two kinds of task queues. */
export const QUEUE_KINDS = { workflows: 1, activities: 2 } as const;

interface Asked {
  readonly namespace: string;
  readonly taskQueue: string;
  readonly kind: keyof typeof QUEUE_KINDS;
  readonly identity: string;
}

/** Asks Temporal for a task queue: one small call. Throws what the call throws. */
export async function taskQueueDepth(
  service: WorkflowService,
  { namespace, taskQueue, kind, identity }: Asked,
): Promise<TaskQueueDepth> {
  const { pollers, stats } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: QUEUE_KINDS[kind],
    reportStats: true,
  });
  const own = pollers.filter((poller) => poller.identity === identity);
  return {
    backlog: Number(stats?.approximateBacklogCount ?? 0),
    backlogSeconds: Number(stats?.approximateBacklogAge?.seconds ?? 0),
    polledAt:
      own.length === 0 ? undefined : Math.max(...own.map(({ lastAccessTime }) => inMs(lastAccessTime))),
  };
}

function inMs(at: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined): number {
  return Number(at?.seconds ?? 0) * 1_000 + (at?.nanos ?? 0) / 1_000_000;
}
