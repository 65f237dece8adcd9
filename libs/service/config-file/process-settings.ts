import type { z } from 'zod';
import { ConfigError, readConfig } from '#libs/api/http/read-config.js';
import type { ServiceConfig } from '../service-config.js';
import type { ProcessLimits } from '../process-limits.js';
import { temporalOf } from '../temporal-config.js';
import type { WorkerSettings } from '../worker-settings.js';
import { type ConfigFile, findConfigFile } from './config-file.js';
import { isOverridden, isSet, variablesIn } from './file-variables.js';
import { memoryBytesOf, type NamedProcess, processOf, restartPolicyOf } from './named-process.js';

/** The settings of a process, from its environment and the configuration file. */
export interface ProcessSettings<Config> {
  readonly config: Config;
  readonly workers: readonly WorkerSettings[];
  readonly process: ProcessLimits;
}

/**
 * Reads the settings of a process of a service. A variable of the environment overrides the file.
 * Throws `ConfigError`: the message names the variable, or the file, the line and the key.
 */
export function readProcessSettings<Config extends ServiceConfig>(
  service: string,
  schema: z.ZodObject & z.ZodType<Config>,
  environment: NodeJS.ProcessEnv,
  folder = process.cwd(),
): ProcessSettings<Config> {
  const file = findConfigFile(environment, folder);
  if (!file) {
    if (isSet(environment, 'PERDURE_PROCESS')) {
      throw new ConfigError('PERDURE_PROCESS: is set, but there is no configuration file');
    }
    return { config: readConfig(schema, environment), workers: [], process: { name: service } };
  }
  const described = processOf(file, service, environment);
  return {
    ...settingsOf(file, described, schema, environment),
    process: described
      ? { name: described.name, restart: restartPolicyOf(described), memoryBytes: memoryBytesOf(described) }
      : { name: service },
  };
}

/** The settings of a process of the file, or of one that the file does not describe. */
export function settingsOf<Config extends ServiceConfig>(
  file: ConfigFile,
  described: NamedProcess | undefined,
  schema: z.ZodObject & z.ZodType<Config>,
  environment: NodeJS.ProcessEnv,
): Omit<ProcessSettings<Config>, 'process'> {
  const variables = variablesIn(file, described, environment);
  const counting = variables.filter(({ variable }) => !isOverridden(environment, variable));
  const given = Object.fromEntries(counting.map(({ variable, value }) => [variable, value]));
  try {
    const config = readConfig(schema, { ...environment, ...given }) as Config;
    temporalOf(config); // so that a mistake in it is reported with its place
    return { config, workers: workersOf(file, described, environment) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [name = ''] = error.message.split(':', 1);
    const source = counting.find(({ variable }) => variable === name);
    if (!source) throw error;
    throw new ConfigError(`${file.placeOf(source.path)}${error.message.slice(name.length)}`);
  }
}

/** How the workers of a process run. */
function workersOf(
  file: ConfigFile,
  described: NamedProcess | undefined,
  environment: NodeJS.ProcessEnv,
): readonly WorkerSettings[] {
  const hasOtherCache = isOverridden(environment, 'CACHED_ENTITIES');
  return (described?.values.workers ?? []).map(({ taskQueue: name, cache, ...worker }, index) => {
    const place = file.placeOf(['processes', described?.name ?? '', 'workers', index, 'taskQueue']);
    return {
      ...worker,
      ...(name !== undefined && { taskQueue: { name, place } }),
      ...(cache !== undefined && !hasOtherCache && { cache }),
    };
  });
}
