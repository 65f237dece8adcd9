import { openWorker } from './open-worker.js';
import { SupervisedWorker } from './supervised-worker.js';
import { installTemporalRuntime } from './temporal-runtime.js';
import type { WorkerHost, WorkerHostOptions } from './worker-host.js';

/**
 * Runs a worker and starts it again when it ends by itself or makes no progress, within its policy.
 * Waits for Temporal without limit.
 */
export function startWorker(options: WorkerHostOptions): WorkerHost {
  installTemporalRuntime(options.logger);
  const host = new SupervisedWorker(options, () => openWorker(options));
  host.start();
  return host;
}
