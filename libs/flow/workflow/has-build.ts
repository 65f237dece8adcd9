import { workflowInfo } from '@temporalio/workflow';
import type { WorkflowDefinitionOptions } from '@temporalio/common';

/** Whether workers have builds. Without one, the SDK gives the worker an id, but no deployment. */
export function hasBuild(): boolean {
  const { deploymentName = '' } = workflowInfo().currentDeploymentVersion ?? {};
  return deploymentName !== '';
}

/**
 * Where workers have builds, a flow stays on the one it began with. From a worker that has none,
 * Temporal refuses a task that says so.
 */
export function versioning(): WorkflowDefinitionOptions {
  return hasBuild() ? { versioningBehavior: 'PINNED' } : {};
}
