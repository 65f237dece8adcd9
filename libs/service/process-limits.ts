import type { RestartPolicy } from '#libs/runtime/restart-policy.js';

/** What the configuration file says of a process as a whole. */
export interface ProcessLimits {
  /** Its name in the file, or that of its service. */
  readonly name: string;
  /** How often each of its workers is started again. Default: without limit. */
  readonly restart?: RestartPolicy | undefined;
  /** Memory beyond which it ends, to be started again. Default: without limit. */
  readonly memoryBytes?: number | undefined;
}
