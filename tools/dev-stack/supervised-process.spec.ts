import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { LaunchPlan, StackServer } from './stack-server.js';
import { SupervisedProcess } from './supervised-process.js';
import { waitUntil } from './wait-until.js';

let home: string;
let supervised: SupervisedProcess;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'perdure-supervised-'));
});
afterEach(async () => {
  await supervised.stop();
  rmSync(home, { recursive: true, force: true });
});

it('sets up its data again when the folder is gone at a restart, and reports the loss', async () => {
  const data = join(home, 'data');
  const plan: LaunchPlan = {
    file: process.execPath,
    args: ['-e', 'setInterval(() => undefined, 1_000)'],
    layOut: async () => {
      const isEmpty = !existsSync(data);
      mkdirSync(data, { recursive: true });
      return isEmpty;
    },
  };
  const server: StackServer = {
    name: 'sleeper',
    title: 'Sleeper',
    address: 'nowhere',
    ports: [],
    needs: [],
    mayBeFound: false,
    isHealthy: async () => existsSync(data),
    prepare: async () => plan,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    readyTimeoutMs: 5_000,
  };
  let losses = 0;
  supervised = new SupervisedProcess(
    server,
    plan,
    { home, order: 0 },
    () => undefined,
    () => (losses += 1),
  );
  await supervised.start();
  expect(losses).toBe(0);
  rmSync(data, { recursive: true });
  supervised.kill('SIGKILL');
  expect(await waitUntil(() => losses > 0, { timeoutMs: 10_000, intervalMs: 10 })).toBe(true);
  expect(existsSync(data)).toBe(true);
});
