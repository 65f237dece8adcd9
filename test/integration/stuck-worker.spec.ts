import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode } from '@temporalio/worker';
import { pino } from 'pino';
import { eventually } from '../support/account-rest.js';

const folder = mkdtempSync(join(tmpdir(), 'perdure-stuck-'));
const taskQueue = `stuck-${randomUUID()}`;
let client: Client;
let child: ChildProcess;
let printed = '';

beforeAll(async () => {
  client = new Client({
    connection: await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' }),
  });
  const workflowsPath = resolve('dist/test/integration/spinning.workflow.js');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: pino({ level: 'silent' }) as never });
  writeFileSync(join(folder, 'bundle.js'), code);
  child = spawn(
    process.execPath,
    ['dist/test/integration/supervised-worker-process.js', taskQueue, join(folder, 'bundle.js')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
});
afterAll(async () => {
  child.kill('SIGKILL');
  await client.connection.close();
  rmSync(folder, { recursive: true });
});

it('a worker whose workflow thread is stuck is noticed, and a process that cannot end it ends', async () => {
  const run = (workflow: string) =>
    client.workflow.start(workflow, { taskQueue, workflowId: `${workflow}-${taskQueue}` });
  await (await run('rest')).result();
  expect(printed).toMatch(/running\n$/);
  const ended = once(child, 'exit');
  await run('spin');
  expect(await ended).toEqual([70, null]);
  await eventually(
    async () => printed,
    (text) => text.includes('failed: '),
  );
  expect(printed).toMatch(/failed: its workflow thread has finished no step for 3 s, and it does not end/);
});
