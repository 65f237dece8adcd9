import { temporalMetrics } from './temporal-metrics.js';

const COUNT =
  /^temporal_(?:workflow_task|activity|local_activity)_execution_(?:latency_count|failed)\{(.*)\} (\d+)/gm;

/**
 * How many tasks of a task queue the workers of this process have finished, well or not, as the
 * core of Temporal's SDK counts them. Undefined if it does not answer.
 */
export async function finishedTasks(
  taskQueue: string,
  read: () => Promise<string> = temporalMetrics,
): Promise<number | undefined> {
  const metrics = await read();
  if (metrics === '') return undefined;
  const label = `task_queue="${taskQueue}"`;
  let count = 0;
  for (const [, labels = '', value] of metrics.matchAll(COUNT)) {
    if (labels.split(',').includes(label)) count += Number(value);
  }
  return count;
}
