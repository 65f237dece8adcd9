import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { eventually, post, read } from '../support/account-rest.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const folder = mkdtempSync(join(tmpdir(), 'perdure-config-'));
const file = join(folder, 'perdure.config.yaml');
const running: ServiceProcess[] = [];

let temporal: Connection;
beforeAll(async () => {
  const { TEMPORAL_ADDRESS: address } = process.env;
  temporal = await Connection.connect({ address: String(address) });
  writeFileSync(
    file,
    `
temporal:
  address: ${address}
processes:
  account:
    workers:
      - roles: [api]
  account-work:
    service: account
    workers:
      - roles: [entities]
        slots: { workflowTasks: 3 }
        cache: 20
`,
  );
});
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop()));
  await temporal.close();
  rmSync(folder, { recursive: true });
});

/** Starts a process of the account service whose address of Temporal is in the file only. */
async function start(PERDURE_PROCESS: string, settings: NodeJS.ProcessEnv = {}) {
  const own = { TEMPORAL_ADDRESS: '', PERDURE_CONFIG: file, PERDURE_PROCESS };
  const started = await startServiceProcess('account', { ...own, ...settings });
  running.push(started);
  return started;
}

/** Whether a process polls a task queue: for workflows (1) or activities (2). */
async function polls({ pid }: ChildProcess, name: string, taskQueueType: number): Promise<boolean> {
  const queue = { namespace: 'default', taskQueue: { name }, taskQueueType };
  const { pollers } = await temporal.workflowService.describeTaskQueue(queue);
  return pollers.some(({ identity }) => identity?.startsWith(`${pid}@`));
}

const untilPolled = (child: ChildProcess, name: string, type: number) =>
  eventually(
    () => polls(child, name, type),
    (isPolled) => isPolled,
    30_000,
  );

it('decides which process takes work, and a variable overrides it', async () => {
  const api = await start('account');
  const body = { owner: 'alice', currency: 'EUR' };
  const opened = await post(`${api.url}/v1/accounts/configured/open`, body, { prefer: 'wait=1' });
  expect(opened.status).toBe(202);

  const effects = await start('account-work', { ROLES: 'effects' });
  await untilPolled(effects.child, 'account-effects', 2);
  expect(await polls(effects.child, 'account', 1)).toBe(false);
  const location = String(opened.headers.get('location'));
  const receipt = async () => (await read(new URL(location, api.url).href)).body['status'];
  expect(await receipt()).not.toBe('accepted');

  const work = await start('account-work');
  await eventually(receipt, (status) => status === 'accepted', 60_000);
  await untilPolled(work.child, 'account', 1);
  expect(await polls(api.child, 'account', 1)).toBe(false);
  expect(await polls(work.child, 'account-effects', 2)).toBe(false);
});
