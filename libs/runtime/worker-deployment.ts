import type { WorkerDeploymentOptions } from '@temporalio/worker';

/** The build that a worker runs, among those of its service. */
export interface WorkerBuild {
  readonly service: string;
  readonly buildId: string;
}

/**
 * Makes a worker part of Temporal's worker deployment `perdure-<service>`: it then gets work only
 * once its build is current there. A workflow moves to the current build with its next task, unless
 * its definition pins it.
 */
export function deploymentOf({ service, buildId }: WorkerBuild): WorkerDeploymentOptions {
  return {
    useWorkerVersioning: true,
    version: { deploymentName: `perdure-${service}`, buildId },
    defaultVersioningBehavior: 'AUTO_UPGRADE',
  };
}
