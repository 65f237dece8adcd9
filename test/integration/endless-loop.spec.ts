import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, expect, it, jest } from '@jest/globals';
import { createLogger } from '#libs/runtime/logger.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { startWorker } from '#libs/runtime/worker-host.js';
import { eventually } from '../support/account-rest.js';

jest.setTimeout(90_000);

const taskQueue = `endless-${randomUUID()}`;
const temporal = { address: process.env['TEMPORAL_ADDRESS'] as string, namespace: 'default' };
const logger = createLogger('endless', 'stderr');
logger.level = 'silent';
const worker = startWorker({
  ...{ ...temporal, taskQueue, logger, hangLimit: 1_000 },
  workflowBundle: resolve('dist/test/workflow/flows/workflows.bundle.js'),
  activities: {},
});
const client = connectTemporal(temporal);
afterAll(async () => {
  await worker.shutdown();
  await client.connection.close();
});

it('a workflow whose code never returns does not stop the others for good', async () => {
  const { workflow } = client;
  const start = (name: string) =>
    workflow.start(name, { workflowId: `${name}-${taskQueue}`, taskQueue, workflowTaskTimeout: '3s' });
  const stuck = await start('stuck');
  const prompt = await start('prompt');
  expect(await prompt.result()).toBe('done');
  // The worker that was started again has its limit, and reports the task as failed.
  await eventually(
    async () => (await stuck.fetchHistory()).events ?? [],
    (events) => events.some(({ workflowTaskFailedEventAttributes: failed }) => failed),
  );
  await stuck.terminate();
});
