import { ACTIVITY_TASKS, WORKFLOW_TASKS } from '#libs/runtime/worker-host.js';
import { partitionTexts } from '../partitions-variable.js';
import { WORKER_ROLES } from '../role.js';
import { type ServiceConfig, serviceConfig } from '../service-config.js';
import { temporalOf } from '../temporal-config.js';
import type { WorkerSettings } from '../worker-settings.js';
import type { ConfigFile } from './config-file.js';
import { overriding } from './file-variables.js';
import { type NamedProcess, serviceOf } from './named-process.js';
import { settingsOf } from './process-settings.js';

/** A setting, and where its value comes from: `default`, a variable, or a line of the file. */
export interface SettingInForce {
  readonly key: string;
  readonly value: string;
  readonly from: string;
}

type Path = readonly (string | number)[];
/** Makes a row. A variable is the source if it is set, then the file. */
type Row = (path: Path, value: string | number, variable?: string) => SettingInForce;

/**
 * What is in force of the settings that the configuration file can have: of the connection to
 * Temporal, and of a process. Secrets are left out. Throws `ConfigError`, as the process would.
 */
export function settingsInForce(
  file: ConfigFile,
  process: NamedProcess,
  environment: NodeJS.ProcessEnv,
): Record<'temporal' | 'process', readonly SettingInForce[]> {
  const { config, workers } = settingsOf(file, process, serviceConfig(0), environment);
  const row: Row = (path, value, variable) => {
    const used = variable && overriding(environment, variable);
    const from = used ?? (file.has(path) ? file.lineOf(path) : 'default');
    return { key: path.join('.'), value: String(value), from };
  };
  const place = ['processes', process.name];
  return {
    temporal: temporalRows(config, row),
    process: [...processRows(process, place, row), ...workerRows(config, workers, place, row)],
  };
}

function temporalRows(config: ServiceConfig, row: Row): readonly SettingInForce[] {
  const { tls } = temporalOf(config);
  const optional = (key: string, variable: Extract<keyof ServiceConfig, `TEMPORAL_TLS_${string}`>) => {
    const value = config[variable];
    return value === undefined ? [] : [row(['temporal', 'tls', key], value, variable)];
  };
  const isOn = tls !== undefined && tls !== false;
  const files = [
    ...optional('ca', 'TEMPORAL_TLS_SERVER_CA_CERT_PATH'),
    ...optional('cert', 'TEMPORAL_TLS_CLIENT_CERT_PATH'),
    ...optional('key', 'TEMPORAL_TLS_CLIENT_KEY_PATH'),
    ...optional('serverName', 'TEMPORAL_TLS_SERVER_NAME'),
  ];
  const apiKey = config.TEMPORAL_API_KEY === undefined ? 'none' : 'not shown';
  const partitions = partitionTexts(config.TASK_QUEUE_PARTITIONS).join(', ');
  return [
    row(['temporal', 'address'], config.TEMPORAL_ADDRESS, 'TEMPORAL_ADDRESS'),
    row(['temporal', 'namespace'], config.TEMPORAL_NAMESPACE, 'TEMPORAL_NAMESPACE'),
    row(['temporal', 'tls'], isOn ? 'on' : 'off', 'TEMPORAL_TLS'),
    ...(isOn ? files : []),
    row(['temporal', 'apiKey'], apiKey, 'TEMPORAL_API_KEY'),
    row(['partitions'], partitions || 'none', 'TASK_QUEUE_PARTITIONS'),
  ];
}

function processRows(process: NamedProcess, place: Path, row: Row): readonly SettingInForce[] {
  const { autoStart = true, restart, memory = 'without limit' } = process.values;
  return [
    row([...place, 'service'], serviceOf(process)),
    row([...place, 'autoStart'], String(autoStart)),
    ...(restart
      ? Object.entries(restart).map(([key, value]) => row([...place, 'restart', key], value))
      : [row([...place, 'restart'], 'without limit')]),
    row([...place, 'memory'], memory),
  ];
}

/** The workers that run, each with the settings that have an effect on its roles. */
function workerRows(
  { ROLES, CACHED_ENTITIES }: ServiceConfig,
  workers: readonly WorkerSettings[],
  place: Path,
  row: Row,
): readonly SettingInForce[] {
  const listed = workers.map((one) => ({ ...one, roles: one.roles.filter((role) => ROLES.includes(role)) }));
  const rest = ROLES.filter((role) => !listed.some(({ roles }) => roles.includes(role)));
  return [...listed, { roles: rest }].flatMap((worker: WorkerSettings, index) => {
    const { roles, taskQueue, slots = {}, cache = CACHED_ENTITIES } = worker;
    if (roles.length === 0) return [];
    const at = (...path: string[]) => [...place, 'workers', index, ...path];
    const rows = [row(at('roles'), roles.join(', '), 'ROLES')];
    if (!WORKER_ROLES.some((role) => roles.includes(role))) return rows;
    rows.push(row(at('taskQueue'), taskQueue?.name ?? 'all'));
    rows.push(row(at('slots', 'activities'), slots.activities ?? ACTIVITY_TASKS));
    if (!roles.includes('entities')) return rows;
    rows.push(row(at('slots', 'workflowTasks'), slots.workflowTasks ?? WORKFLOW_TASKS));
    rows.push(row(at('slots', 'localActivities'), slots.localActivities ?? ACTIVITY_TASKS));
    rows.push(row(at('cache'), cache, 'CACHED_ENTITIES'));
    return rows;
  });
}
