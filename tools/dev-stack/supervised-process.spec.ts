import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { answersOk } from './http-health.js';
import { freePorts } from './port.js';
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

const sleeping = { file: process.execPath, args: ['-e', 'setInterval(() => undefined, 1_000)'] };

function sleeper(plan: LaunchPlan, isHealthy: () => Promise<boolean>): StackServer {
  return {
    name: 'sleeper',
    title: 'Sleeper',
    address: 'nowhere',
    ports: [],
    needs: [],
    mayBeFound: false,
    isHealthy,
    prepare: async () => plan,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    readyTimeoutMs: 5_000,
  };
}

it('sets up its data again when the folder is gone at a restart, and reports the loss', async () => {
  const data = join(home, 'data');
  const plan: LaunchPlan = {
    ...sleeping,
    layOut: async () => {
      const isEmpty = !existsSync(data);
      mkdirSync(data, { recursive: true });
      return isEmpty;
    },
  };
  const server = sleeper(plan, async () => existsSync(data));
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

it('stays down after the restarts that its policy allows', async () => {
  const said: string[] = [];
  const server = {
    ...sleeper(sleeping, async () => true),
    restart: { maxAttempts: 2, backoffMs: 1, windowMs: 600_000 },
  };
  supervised = new SupervisedProcess(server, sleeping, { home, order: 0 }, (line) => said.push(line));
  await supervised.start();
  const isDown = () => {
    supervised.kill('SIGKILL');
    return said.some((line) => line.includes('stays down'));
  };
  expect(await waitUntil(async () => isDown(), { timeoutMs: 10_000, intervalMs: 10 })).toBe(true);
  expect(said.filter((line) => line.includes('has ended'))).toEqual([
    'Sleeper has ended (SIGKILL); restarting it in 0.001 s.',
    'Sleeper has ended (SIGKILL); restarting it in 0.002 s.',
    'Sleeper has ended (SIGKILL) and stays down: it has used its 2 restarts.',
  ]);
});

it('is killed and started again when it has stopped answering, and not for a few missed answers', async () => {
  let misses = 0;
  let asked = 0;
  const said: string[] = [];
  const isHealthy = async () => {
    asked += 1;
    if (misses === 0) return true;
    misses -= 1;
    return false;
  };
  const server = { ...sleeper(sleeping, isHealthy), askedEveryMs: 10 };
  supervised = new SupervisedProcess(server, sleeping, { home, order: 0 }, (line) => said.push(line));
  await supervised.start();
  misses = 5;
  const before = asked;
  expect(await waitUntil(() => asked > before + 20, { timeoutMs: 10_000, intervalMs: 10 })).toBe(true);
  expect(said).toEqual([]);
  misses = 6;
  const isBack = () => said.some((line) => line.startsWith('Sleeper is back'));
  expect(await waitUntil(isBack, { timeoutMs: 10_000, intervalMs: 10 })).toBe(true);
  expect(said.slice(0, 2)).toEqual([
    'Sleeper runs but has stopped answering; it is killed.',
    'Sleeper has ended (SIGKILL); restarting it in 0.1 s.',
  ]);
});

it('that is frozen is noticed by its own health, killed and replaced, whatever the health of others', async () => {
  const [port] = await freePorts(1);
  const code = `require('node:http').createServer((_, reply) => reply.end()).listen(${port}, '127.0.0.1')`;
  const plan = { file: process.execPath, args: ['-e', code] };
  const said: string[] = [];
  let othersAreWell = true;
  const isLive = () => answersOk(`http://127.0.0.1:${port}`, 200);
  const server = {
    ...sleeper(plan, async () => othersAreWell && (await isLive())),
    isLive,
    askedEveryMs: 20,
  };
  supervised = new SupervisedProcess(server, plan, { home, order: 0 }, (line) => said.push(line));
  await supervised.start();
  othersAreWell = false;
  supervised.kill('SIGSTOP');
  const isBack = () => said.some((line) => line.startsWith('Sleeper is back'));
  expect(await waitUntil(isBack, { timeoutMs: 20_000, intervalMs: 10 })).toBe(true);
  expect(said.slice(0, 2)).toEqual([
    'Sleeper runs but has stopped answering; it is killed.',
    'Sleeper has ended (SIGKILL); restarting it in 0.1 s.',
  ]);
  expect(await isLive()).toBe(true);
});
