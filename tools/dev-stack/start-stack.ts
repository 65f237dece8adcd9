import { type ConfigFile, findConfigFile } from '#libs/service/config-file/config-file.js';
import { DevStackError, StartAbortedError } from './dev-stack.errors.js';
import { eventStoreServer } from './event-store.server.js';
import { kafkaServer } from './kafka.server.js';
import { keepTokensValid } from './local-tokens.js';
import { freePorts } from './port.js';
import { postgresServer } from './postgres.server.js';
import { silentProgress, type Progress } from './progress.js';
import { COMPANION_NAMES, type PlacedProcess, serviceServers } from './services.js';
import { stackAddresses, type StackAddresses } from './stack-addresses.js';
import { lockStack } from './stack-lock.js';
import { stackProcesses } from './stack-processes.js';
import { StackRun } from './stack-run.js';
import type { StackServer } from './stack-server.js';
import { onFreePorts, readSettings } from './stack-settings.js';
import { removeState, writeState } from './stack-state.js';
import { stopLeftovers } from './stop-leftovers.js';
import { temporalServer } from './temporal.server.js';

const PARTS = ['temporal', 'kafka', 'postgres', 'event-store'] as const;

/** The four servers that the services need. */
export type StackPart = (typeof PARTS)[number];

export interface StackOptions {
  /** The project folder, with package.json and dist/. */
  readonly root: string;
  /** Where all data goes. Default: PERDURE_HOME, else `.perdure` in the project. */
  readonly home?: string;
  /** `free`: any free ports, for an additional stack. Default: those of the environment. */
  readonly ports?: 'default' | 'free';
  /** Which servers. Default: all four. Includes what they need. */
  readonly parts?: readonly StackPart[];
  /** Whether to run our own services too. Default: no. */
  readonly services?: boolean;
  /** Where to read settings from. Default: process.env. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Where to report progress. Default: nowhere. */
  readonly progress?: Progress;
  /** Cancels the start, and stops everything started so far. */
  readonly signal?: AbortSignal;
  /** Kills everything immediately, at any time, without a chance to clean up. */
  readonly killSignal?: AbortSignal;
}

/** A running stack. Until it is stopped, it restarts whatever dies. */
export interface Stack {
  readonly addresses: StackAddresses;
  readonly home: string;
  /** Sends a signal (default SIGKILL) to one process, as a fault would. The stack restarts it. */
  kill(name: string, signal?: NodeJS.Signals): void;
  /** Stops one process gracefully, starts it again and waits until it answers. */
  restart(name: string): Promise<void>;
  /** Starts our own services on a stack that runs without them. */
  startServices(): Promise<void>;
  /** Stops everything, services first. Returns when no process is left. */
  stop(): Promise<void>;
  /** Kills everything immediately, without a chance to clean up. */
  killNow(): void;
}

/**
 * Starts the servers (and services) that are not running yet and waits until all of them answer.
 * Only one stack can run on a home folder: throws AlreadyRunningError. Throws a {@link
 * DevStackError} whose message names what is missing or taken, and then leaves nothing running.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { root, progress = silentProgress, parts, services = false } = options;
  const environment = options.environment ?? process.env;
  const file = findConfigFile(environment, root);
  const found = readSettings(root, { ...environment, TEMPORAL_ADDRESS: temporalIn(environment, file) });
  const home = options.home ?? found.home;
  const settings = { ...(options.ports === 'free' ? await onFreePorts(found) : found), home };
  const addresses = stackAddresses(settings);
  const unlock = lockStack(home);
  const run = new StackRun(settings, progress, options.signal ?? new AbortController().signal);
  options.killSignal?.addEventListener('abort', () => run.killNow(), { once: true });
  const stopRenewal = settings.runsIssuer ? keepTokensValid(addresses.AUTH_ISSUER, home) : undefined;
  const stop = async () => {
    stopRenewal?.();
    await run.stop();
    removeState(home);
    unlock();
  };
  const ours = async () => serviceServers(settings, addresses, await placedProcesses(file));
  const startServices = async () => run.start(await ours());
  try {
    removeState(home); // of a killed supervisor
    await stopLeftovers(home, progress);
    const servers = [
      postgresServer(settings),
      kafkaServer(settings),
      temporalServer(settings),
      eventStoreServer(settings, addresses),
    ];
    await run.start([
      ...withNeeds(servers, parts ?? servers.map(({ name }) => name)),
      ...(services ? await ours() : []),
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

/** The address of a Temporal that runs already: the variable overrides the file. */
function temporalIn({ TEMPORAL_ADDRESS: given = '' }: NodeJS.ProcessEnv, file: ConfigFile | undefined) {
  return given === '' ? file?.values.temporal?.address : given;
}

/** Gives a free port to each process that does not have that of its service. */
async function placedProcesses(file: ConfigFile | undefined): Promise<readonly PlacedProcess[]> {
  const processes = stackProcesses(file, [...PARTS, ...COMPANION_NAMES]);
  const others = processes.filter(({ isFront }) => !isFront);
  const free = await freePorts(others.length);
  return processes.map((one) => (one.isFront ? one : { ...one, port: free[others.indexOf(one)] ?? 0 }));
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
