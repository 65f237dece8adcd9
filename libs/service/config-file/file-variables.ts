import { resolve } from 'node:path';
import { ConfigError } from '#libs/api/http/read-config.js';
import { partitionTexts } from '../partitions-variable.js';
import type { ConfigFile } from './config-file.js';
import type { NamedProcess } from './named-process.js';

/** A value of the file, under the environment variable that overrides it. */
export interface FileVariable {
  readonly variable: string;
  readonly value: string;
  readonly path: readonly PropertyKey[];
}

/** Whether a variable has a value. An empty one counts as missing. */
export function isSet(environment: NodeJS.ProcessEnv, name: string): boolean {
  return (environment[name] ?? '') !== '';
}

/** The variable of the environment that is used in place of a value of the file, if any. */
export function overriding(environment: NodeJS.ProcessEnv, variable: string): string | undefined {
  const name = variable.replace(/_FILE$/, '');
  return [name, `${name}_FILE`].find((one) => isSet(environment, one));
}

/** Whether the environment has a variable, or its file, in place of a value of the file. */
export function isOverridden(environment: NodeJS.ProcessEnv, variable: string): boolean {
  return overriding(environment, variable) !== undefined;
}

/** What a file says to a process, as variables. Throws `ConfigError` if a reference is dangling. */
export function variablesIn(
  file: ConfigFile,
  described: NamedProcess | undefined,
  environment: NodeJS.ProcessEnv,
): readonly FileVariable[] {
  const workers = described?.values.workers;
  const roles = [...new Set(workers?.flatMap((worker) => worker.roles))].join(',');
  const place = ['processes', described?.name ?? '', 'workers'];
  const partitions = partitionTexts(file.values.partitions ?? {}).join(',');
  return [
    ...temporalVariablesIn(file, environment),
    ...(partitions ? [{ variable: 'TASK_QUEUE_PARTITIONS', value: partitions, path: ['partitions'] }] : []),
    ...(workers ? [{ variable: 'ROLES', value: roles, path: place }] : []),
  ];
}

function temporalVariablesIn(file: ConfigFile, environment: NodeJS.ProcessEnv): readonly FileVariable[] {
  const { address, namespace, tls, apiKey } = file.values.temporal ?? {};
  const from = (path: string, variable: string, value: string | undefined): readonly FileVariable[] =>
    value === undefined ? [] : [{ variable, value, path: ['temporal', ...path.split('.')] }];
  const inFolder = (path: string | undefined) => path && resolve(file.folder, path);
  return [
    ...from('address', 'TEMPORAL_ADDRESS', address),
    ...from('namespace', 'TEMPORAL_NAMESPACE', namespace),
    ...from('tls', 'TEMPORAL_TLS', tls && 'true'),
    ...from('tls.ca', 'TEMPORAL_TLS_SERVER_CA_CERT_PATH', inFolder(tls?.ca)),
    ...from('tls.cert', 'TEMPORAL_TLS_CLIENT_CERT_PATH', inFolder(tls?.cert)),
    ...from('tls.key', 'TEMPORAL_TLS_CLIENT_KEY_PATH', inFolder(tls?.key)),
    ...from('tls.serverName', 'TEMPORAL_TLS_SERVER_NAME', tls?.serverName),
    ...from('apiKey.file', 'TEMPORAL_API_KEY_FILE', inFolder(apiKey?.file)),
    ...from('apiKey.variable', 'TEMPORAL_API_KEY', keyIn(file, apiKey?.variable, environment)),
  ];
}

function keyIn(file: ConfigFile, variable: string | undefined, environment: NodeJS.ProcessEnv) {
  if (variable === undefined || isOverridden(environment, 'TEMPORAL_API_KEY')) return undefined;
  if (isSet(environment, variable)) return environment[variable];
  throw new ConfigError(`${file.placeOf(['temporal', 'apiKey', 'variable'])}: ${variable} is not set`);
}
