import { ConfigError } from '#libs/api/http/read-config.js';
import { millisecondsIn } from '#libs/core/flow/duration.js';
import type { RestartPolicy } from '#libs/runtime/restart-policy.js';
import type { ConfigFile } from './config-file.js';
import type { ProcessValues } from './config-file.schema.js';

/** A process of the configuration file. */
export interface NamedProcess {
  readonly name: string;
  readonly values: ProcessValues;
}

/** The processes of a file. */
export function processesIn({ values: { processes = {} } }: ConfigFile): readonly NamedProcess[] {
  return Object.entries(processes).map(([name, values]) => ({ name, values }));
}

/** The name of the service that a process runs. */
export function serviceOf({ name, values: { service = name } }: NamedProcess): string {
  return service;
}

/** How often a process, and each of its workers, is started again. Without limit: undefined. */
export function restartPolicyOf({ values: { restart } }: NamedProcess): RestartPolicy | undefined {
  return (
    restart && {
      maxAttempts: restart.maxAttempts,
      backoffMs: millisecondsIn(restart.backoff),
      windowMs: millisecondsIn(restart.window),
    }
  );
}

const MEGABYTE = 2 ** 20;

/** The memory limit of a process. As everywhere with containers, 1MB is 2^20 bytes. */
export function memoryBytesOf({ values: { memory } }: NamedProcess): number | undefined {
  if (memory === undefined) return undefined;
  return Number.parseInt(memory, 10) * (memory.endsWith('GB') ? 1_024 : 1) * MEGABYTE;
}

/** Finds the process of a service that `PERDURE_PROCESS` names, or its only one. */
export function processOf(
  file: ConfigFile,
  service: string,
  { PERDURE_PROCESS: wanted = '' }: NodeJS.ProcessEnv,
): NamedProcess | undefined {
  const { processes } = file.values;
  if (!processes) {
    if (wanted === '') return undefined;
    throw new ConfigError(`PERDURE_PROCESS: ${file.name} lists no processes`);
  }
  const all = processesIn(file);
  const names = all.map(({ name }) => name).join(', ');
  const named = all.find(({ name }) => name === wanted);
  if (wanted !== '' && !named) {
    throw new ConfigError(`PERDURE_PROCESS: ${file.name} has no process ${wanted}; it has ${names}`);
  }
  if (named && serviceOf(named) !== service) {
    throw new ConfigError(`PERDURE_PROCESS: ${wanted} runs the service ${serviceOf(named)}, not ${service}`);
  }
  if (named) return named;
  const ofService = all.filter((one) => serviceOf(one) === service);
  const [only] = ofService;
  if (!only) throw new ConfigError(`${file.name}: no process runs the service ${service}; it has ${names}`);
  if (ofService.length === 1) return only;
  const sameName = ofService.find(({ name }) => name === service);
  if (sameName) return sameName;
  const choice = ofService.map(({ name }) => name).join(', ');
  throw new ConfigError(`PERDURE_PROCESS: is missing; the processes of ${service} are ${choice}`);
}
