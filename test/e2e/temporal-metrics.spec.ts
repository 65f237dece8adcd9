import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { command } from '../support/account-rest.js';
import { accountMetrics } from '../support/metrics.js';

it('a service shows what Temporal does for it', async () => {
  const opened = { owner: 'm', currency: 'EUR' };
  await command(String(process.env['ACCOUNT_URL']), `measured-${randomUUID()}`, 'open', opened, {
    prefer: 'wait=20',
  });
  const measured = [
    /^temporal_workflow_task_schedule_to_start_latency_count\{.*task_queue="account".*\} [1-9]/m,
    /^temporal_local_activity_execution_latency_count\{.*workflow_type="account".*\} [1-9]/m,
    /^temporal_worker_task_slots_available\{.*task_queue="account-effects".*\} \d/m,
    /^perdure_open_workflows\{type="account",service="account"\} [1-9]/m,
    /^perdure_open_workflows\{type="transfer",service="account"\} \d/m,
  ];
  const metrics = await accountMetrics(measured);
  expect(metrics.split('\n').filter((line) => line.startsWith('# TYPE ')).length).toBe(
    new Set(metrics.match(/^# TYPE \S+/gm)).size,
  );
});
