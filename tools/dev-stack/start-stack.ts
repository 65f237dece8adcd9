import { DevStackError, StartAbortedError } from './dev-stack.errors.js';
import { eventStoreServer } from './event-store.server.js';
import { kafkaServer } from './kafka.server.js';
import { postgresServer } from './postgres.server.js';
import { silentProgress, type Progress } from './progress.js';
import { serviceServers } from './services.js';
import { stackAddresses, type StackAddresses } from './stack-addresses.js';
import { lockStack } from './stack-lock.js';
import { StackRun } from './stack-run.js';
import type { StackServer } from './stack-server.js';
import { onFreePorts, readSettings } from './stack-settings.js';
import { removeState, writeState } from './stack-state.js';
import { stopLeftovers } from './stop-leftovers.js';
import { temporalServer } from './temporal.server.js';

/** The four servers that the services stand on. */
export type StackPart = 'temporal' | 'kafka' | 'postgres' | 'event-store';

export interface StackOptions {
  /** The project: where package.json and dist/ are. */
  readonly root: string;
  /** Where all data goes; default: PERDURE_HOME, else `.perdure` in the project. */
  readonly home?: string;
  /** `free`: any that are free now, for a stack beside others; default: those of the environment. */
  readonly ports?: 'default' | 'free';
  /** Which servers; default: all four. What they need comes with them. */
  readonly parts?: readonly StackPart[];
  /** Whether our own services run too; default: no. */
  readonly services?: boolean;
  /** Where settings are read from; default: process.env. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Where progress is told; default: nowhere. */
  readonly progress?: Progress;
  /** Calls the start off: all that runs by then is stopped. */
  readonly signal?: AbortSignal;
}

/** A running stack. Whatever dies in it is started again until it is stopped. */
export interface Stack {
  readonly addresses: StackAddresses;
  readonly home: string;
  /** Sends a signal (default SIGKILL) to one process, as a fault would; it is started again by itself. */
  kill(name: string, signal?: NodeJS.Signals): void;
  /** Stops one process in good order, starts it again and waits until it answers. */
  restart(name: string): Promise<void>;
  /** Starts our own services on a stack that runs without them. */
  startServices(): Promise<void>;
  /** Stops everything, services first; returns when no process is left. */
  stop(): Promise<void>;
  /** Ends everything at once, without a chance to clean up. */
  killNow(): void;
}

/**
 * Starts the servers (and services) that are not running yet and waits until all of them answer. Only one stack runs on a
 * home folder: throws AlreadyRunningError. Throws a {@link DevStackError} whose message names what is missing or taken;
 * nothing is left running then.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { root, progress = silentProgress, parts, services = false } = options;
  const found = readSettings(root, options.environment ?? process.env);
  const home = options.home ?? found.home;
  const settings = { ...(options.ports === 'free' ? await onFreePorts(found) : found), home };
  const addresses = stackAddresses(settings);
  const unlock = lockStack(home);
  const run = new StackRun(settings, progress, options.signal ?? new AbortController().signal);
  const stop = async () => {
    await run.stop();
    removeState(home);
    unlock();
  };
  const startServices = () => run.start(serviceServers(settings, addresses));
  try {
    removeState(home); // a killed supervisor's
    await stopLeftovers(home, progress);
    const servers = [
      postgresServer(settings),
      kafkaServer(settings),
      temporalServer(settings),
      eventStoreServer(settings, addresses),
    ];
    await run.start([
      ...withNeeds(servers, parts ?? servers.map(({ name }) => name)),
      ...(services ? serviceServers(settings, addresses) : []),
    ]);
    writeState(home, { pid: process.pid, addresses, services, borrowed: run.borrowed });
  } catch (error) {
    await stop();
    throw options.signal?.aborted ? new StartAbortedError() : error;
  }
  return {
    addresses,
    home,
    kill: (name, signal = 'SIGKILL') => run.process(name).kill(signal),
    restart: (name) => run.process(name).restart(),
    startServices,
    stop,
    killNow: () => run.killNow(),
  };
}

function withNeeds(servers: readonly StackServer[], names: readonly string[]): StackServer[] {
  const chosen = new Set(names);
  for (const name of names) {
    const server = servers.find((one) => one.name === name);
    if (!server) throw new DevStackError(`There is no server named ${name}.`);
    for (const need of server.needs) chosen.add(need);
  }
  return servers.filter(({ name }) => chosen.has(name));
}
