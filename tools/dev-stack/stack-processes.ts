import { SERVICE_NAMES, type ServiceName } from '#contracts/services.js';
import type { ConfigFile } from '#libs/service/config-file/config-file.js';
import {
  memoryBytesOf,
  type NamedProcess,
  processesIn,
  restartPolicyOf,
  serviceOf,
} from '#libs/service/config-file/named-process.js';
import { DevStackError } from './dev-stack.errors.js';
import type { RestartPolicy } from '#libs/runtime/restart-policy.js';

/** A process of our services that the stack runs. */
export interface StackProcess {
  readonly name: string;
  readonly service: ServiceName;
  /** Whether it listens on the port of its service, where the front server asks it. */
  readonly isFront: boolean;
  readonly restart?: RestartPolicy;
  /** Its memory limit. */
  readonly memoryBytes?: number;
  /** The values of the configuration file that it is to use. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The processes that the stack starts: those of the configuration file, or one for each service.
 * `taken` are the names of what else the stack runs. Throws a {@link DevStackError} for a process
 * that it cannot run.
 */
export function stackProcesses(
  file: ConfigFile | undefined,
  taken: readonly string[],
): readonly StackProcess[] {
  if (!file?.values.processes) {
    return SERVICE_NAMES.map((name) => ({ name, service: name, isFront: true, environment: {} }));
  }
  const fronts = new Set<ServiceName>();
  return processesIn(file)
    .filter(({ values: { autoStart = true } }) => autoStart)
    .map((one): StackProcess => {
      const service = ownService(file, one, taken);
      const { workers } = one.values;
      const restart = restartPolicyOf(one);
      const memoryBytes = memoryBytesOf(one);
      const isFront = !fronts.has(service) && (workers?.some(({ roles }) => roles.includes('api')) ?? true);
      if (isFront) fronts.add(service);
      return {
        name: one.name,
        service,
        isFront,
        environment: { PERDURE_PROCESS: one.name },
        ...(restart && { restart }),
        ...(memoryBytes !== undefined && { memoryBytes }),
      };
    });
}

function ownService(file: ConfigFile, one: NamedProcess, taken: readonly string[]): ServiceName {
  const place = file.placeOf(['processes', one.name]);
  if (taken.includes(one.name)) throw new DevStackError(`${place}: the stack has another ${one.name}`);
  const service = SERVICE_NAMES.find((name) => name === serviceOf(one));
  if (service) return service;
  const names = SERVICE_NAMES.join(', ');
  throw new DevStackError(`${place}: there is no service ${serviceOf(one)}; there are ${names}`);
}
