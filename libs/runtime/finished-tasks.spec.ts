import { expect, it } from '@jest/globals';
import { finishedTasks } from './finished-tasks.js';

const METRICS = `
# TYPE temporal_workflow_task_execution_latency histogram
temporal_workflow_task_execution_latency_bucket{namespace="default",task_queue="account",le="1"} 7
temporal_workflow_task_execution_latency_count{namespace="default",task_queue="account"} 10
temporal_workflow_task_execution_latency_count{namespace="default",task_queue="account-effects"} 100
temporal_workflow_task_execution_failed{namespace="default",task_queue="account"} 2
temporal_activity_execution_latency_count{activity_type="a",task_queue="account"} 30
temporal_local_activity_execution_latency_count{activity_type="b",task_queue="account"} 400
`;

it('counts all tasks of a queue, and no others', async () => {
  expect(await finishedTasks('account', async () => METRICS)).toBe(442);
  expect(await finishedTasks('account-effects', async () => METRICS)).toBe(100);
});

it('does not know while the core does not answer', async () => {
  expect(await finishedTasks('account', async () => '')).toBeUndefined();
});
