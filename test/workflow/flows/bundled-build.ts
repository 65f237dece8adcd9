import { resolve } from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

/** The probes as the first or the second build has them. */
export function bundled(build: 'first' | 'second'): Promise<WorkflowBundleWithSourceMap> {
  const quiet = () => undefined;
  return bundleWorkflowCode({
    workflowsPath: resolve('dist/test/workflow/flows/builds', `${build}.js`),
    payloadConverterPath: resolve('dist/libs/entity/protocol/payload-converter.js'),
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
}
