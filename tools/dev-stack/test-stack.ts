import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICE_NAMES, variableOf } from '#contracts/services.js';
import { testHome } from './kill-server.js';
import { tokenFolder } from './local-tokens.js';
import { silentProgress, terminalProgress } from './progress.js';
import { startStack, type Stack } from './start-stack.js';

// All projects of a jest run share one stack: their set-ups run in one process, in any order.
const key = Symbol.for('perdure.shared-stack');

interface Shared {
  readonly home: string;
  stack: Promise<Stack>;
  services: Promise<void> | undefined;
  readonly setVariables: string[];
}

const held = globalThis as { [key]?: Shared };

const servers = [
  'TEMPORAL_ADDRESS',
  'KAFKA_BROKERS',
  'EVENTSTORE_URL',
  'DATABASE_URL',
  'BLOB_STORE_URL',
] as const;
const serviceUrls = SERVICE_NAMES.map((name) => variableOf(name, 'URL'));
const services = [
  ...serviceUrls,
  'FULFILMENT_URL',
  'CARD_PROVIDER_URL',
  'MAIL_URL',
  'MAIL_SANDBOX_URL',
  'PERDURE_URL',
  'AUTH_ISSUER',
] as const;

/** The user whose token the tests use: it has all roles. */
const USER = 'test';

/**
 * Starts the four servers on free ports and an empty home folder, and sets their addresses in
 * process.env for the tests. A server whose address is already set there is used as it is.
 */
export async function openServers(): Promise<void> {
  const { addresses } = await shared().stack;
  publish(addresses, servers);
}

/**
 * Starts the four servers and our own services on them, and sets `PERDURE_TOKEN` to a token of a
 * user with all roles.
 */
export async function openServices(): Promise<void> {
  await openServers();
  if (services.every((name) => process.env[name])) return;
  const one = shared();
  const stack = await one.stack;
  await (one.services ??= stack.startServices());
  publish(stack.addresses, services);
  if (process.env['AUTH'] === 'off') return;
  const token = readFileSync(join(tokenFolder(one.home), USER), 'utf8').trim();
  publish({ PERDURE_TOKEN: token }, ['PERDURE_TOKEN']);
}

/** Whether the shared stack set this variable, rather than the caller of the tests. */
export function isSharedAddress(name: (typeof servers)[number]): boolean {
  return held[key]?.setVariables.includes(name) === true;
}

/** Stops everything. Each project's tear-down calls it; the first call does the work. */
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
  // Several runs side by side tell theirs together.
  const progress = process.send ? silentProgress : terminalProgress();
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

/** jest runs no tear-down when it is interrupted. */
function endWithThisProcess(stack: Stack): void {
  process.once('exit', () => stack.killNow());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}

function publish<Name extends string>(values: Readonly<Record<Name, string>>, names: readonly Name[]): void {
  for (const name of names) {
    if (process.env[name]) continue;
    process.env[name] = values[name];
    held[key]?.setVariables.push(name);
  }
}
