import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testHome } from './kill-server.js';
import { silentProgress, terminalProgress } from './progress.js';
import { startStack, type Stack } from './start-stack.js';

// One stack serves all projects of a jest run: their set-ups are called in one process, in any order.
const key = Symbol.for('perdure.shared-stack');

interface Shared {
  readonly home: string;
  stack: Promise<Stack>;
  services: Promise<void> | undefined;
  readonly setVariables: string[];
}

const held = globalThis as { [key]?: Shared };

const servers = ['TEMPORAL_ADDRESS', 'KAFKA_BROKERS', 'EVENTSTORE_URL', 'DATABASE_URL'] as const;
const services = ['ACCOUNT_URL', 'CART_URL', 'INVENTORY_URL', 'FULFILMENT_URL', 'PERDURE_URL'] as const;

/**
 * The four servers, on free ports and a fresh home; addresses are put into process.env, from where the tests have them.
 * What the caller's environment names already is used instead.
 */
export async function openServers(): Promise<void> {
  const { addresses } = await shared().stack;
  publish(addresses, servers);
}

/** The four servers and our own services on them. */
export async function openServices(): Promise<void> {
  await openServers();
  if (services.every((name) => process.env[name])) return;
  const one = shared();
  const stack = await one.stack;
  await (one.services ??= stack.startServices());
  publish(stack.addresses, services);
}

/** Whether the shared stack has set a variable, not whoever started the tests. */
export function isSharedAddress(name: (typeof servers)[number]): boolean {
  return held[key]?.setVariables.includes(name) === true;
}

/** Stops all of it; called by the tear-down of each project, the first one does it. */
export async function closeStack(): Promise<void> {
  const one = held[key];
  if (!one) return;
  delete held[key];
  const stack = await one.stack;
  await stack.stop();
  rmSync(one.home, { recursive: true, force: true });
  delete process.env[testHome];
  for (const name of one.setVariables) Reflect.deleteProperty(process.env, name);
}

function shared(): Shared {
  held[key] ??= open();
  return held[key];
}

function open(): Shared {
  const home = mkdtempSync(join(tmpdir(), 'perdure-test-'));
  return { home, stack: start(home), services: undefined, setVariables: [] };
}

async function start(home: string): Promise<Stack> {
  const progress = process.send ? silentProgress : terminalProgress(); // several runs side by side tell theirs together
  const stack = await startStack({
    root: process.cwd(),
    home,
    ports: 'free',
    progress,
  });
  progress.close();
  process.env[testHome] = home;
  endWithThisProcess(stack);
  return stack;
}

/** jest tears nothing down when it is interrupted. */
function endWithThisProcess(stack: Stack): void {
  process.once('exit', () => stack.killNow());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}

function publish(addresses: Stack['addresses'], names: readonly (keyof Stack['addresses'])[]): void {
  for (const name of names) {
    if (process.env[name]) continue;
    process.env[name] = addresses[name];
    held[key]?.setVariables.push(name);
  }
}
