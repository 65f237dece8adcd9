import { randomUUID } from 'node:crypto';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { tokenFolder } from '#tools/dev-stack/local-tokens.js';
import { terminalProgress } from '#tools/dev-stack/progress.js';
import { startStack, type Stack } from '#tools/dev-stack/start-stack.js';
import { openAccounts } from './accounts.js';
import { startBareWorkflows } from './bare/bare-workflows.js';
import type { Entities } from './entities.js';

/** All servers and services, on free ports and in a temporary folder, and a plain worker. */
export interface BenchStack extends Pick<Stack, 'addresses' | 'home'> {
  readonly client: Client;
  readonly store: EventStore;
  readonly token: string;
  /** New accounts. */
  accounts(count: number): Promise<Entities>;
  /** New workflows that do nothing. */
  bareWorkflows(count: number): Promise<Entities>;
  stop(): Promise<void>;
}

/** The limits of callers protect a service from its load, which is what is measured. */
const WITHOUT_LIMITS = {
  LIMIT_RATE: '1000000',
  LIMIT_BURST: '1000000',
  LIMIT_REQUESTS: '1000000',
  LIMIT_WAITING: '1000000',
};

/** Starts everything that is measured. */
export async function startBenchStack(): Promise<BenchStack> {
  process.env['LOG_LEVEL'] ??= 'warn';
  Object.assign(process.env, WITHOUT_LIMITS);
  const home = mkdtempSync(join(tmpdir(), 'perdure-bench-'));
  const progress = terminalProgress();
  const stack = await startStack({ root: process.cwd(), home, ports: 'free', services: true, progress });
  progress.close();
  process.once('exit', () => stack.killNow());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const { addresses } = stack;
  const worker = await startBareWorker(addresses.TEMPORAL_ADDRESS);
  const client = connectTemporal({ address: addresses.TEMPORAL_ADDRESS, namespace: 'default' });
  const store = connectEventStore(addresses.EVENTSTORE_URL);
  const token = readFileSync(join(tokenFolder(home), 'test'), 'utf8').trim();
  const url = addresses.ACCOUNT_URL;
  const unique = (): string => `bench-${randomUUID().slice(0, 8)}`;
  return {
    addresses,
    home,
    client,
    store,
    token,
    accounts: (count) => openAccounts({ url, token, store }, unique(), count),
    bareWorkflows: (count) => startBareWorkflows(client, unique(), count),
    stop: async () => {
      worker.kill();
      await client.connection.close();
      await store.close();
      await stack.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function startBareWorker(address: string): Promise<ChildProcess> {
  const main = fileURLToPath(new URL('bare/worker.main.js', import.meta.url));
  const env = { ...process.env, TEMPORAL_ADDRESS: address };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  process.once('exit', () => child.kill());
  await once(createInterface({ input: child.stdout }), 'line');
  return child;
}
