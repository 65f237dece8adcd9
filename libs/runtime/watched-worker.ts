import type { Worker as Thread } from 'node:worker_threads';
import { Worker } from '@temporalio/worker';
import type { CompiledWorkerOptions } from '@temporalio/worker/lib/worker-options.js';
import type { WorkflowCreator } from '@temporalio/worker/lib/workflow/interface.js';
import { HangWatch } from './hang-watch.js';

/**
 * Workers that guard against workflow code that never returns by watching its thread. When it is
 * stuck for `limit` milliseconds, the thread is ended, and `run` throws. What runs next should be a
 * {@link Worker}.
 *
 * That one limits each call into the code, several for each activation, so that only the workflow
 * that never returns fails. For every limit Node starts a thread and waits for its end, which takes
 * half of the time of the thread that runs the workflows.
 */
export function watchedWorkers(limit: number, onHang: () => void): typeof Worker {
  return class WatchedWorker extends Worker {
    protected static override async createWorkflowCreator(
      bundle: never,
      options: CompiledWorkerOptions,
      logger: never,
    ): Promise<WorkflowCreator> {
      const unlimited = { ...options, isolateExecutionTimeoutMs: undefined as unknown as number };
      const creator = await super.createWorkflowCreator(bundle, unlimited, logger);
      return watched(creator, limit, onHang);
    }
  };
}

function watched(creator: WorkflowCreator, limit: number, onHang: () => void): WorkflowCreator {
  const watch = new HangWatch(limit, () => {
    onHang();
    for (const thread of threadsOf(creator)) void thread.terminate();
  });
  watch.start();
  return {
    createWorkflow: async (options) => {
      const workflow = await watch.during(creator.createWorkflow(options));
      const activate = workflow.activate.bind(workflow);
      return Object.assign(workflow, {
        activate: (activation: Parameters<typeof activate>[0]) => watch.during(activate(activation)),
      });
    },
    destroy: () => {
      watch.stop();
      return creator.destroy();
    },
  };
}

/** The SDK has no public way to them; `endless-loop.spec.ts` fails if it changes. */
function threadsOf(creator: WorkflowCreator): readonly Thread[] {
  const { workerThreadClients } = creator as unknown as {
    readonly workerThreadClients: readonly { readonly workerThread: Thread }[];
  };
  return workerThreadClients.map(({ workerThread }) => workerThread);
}
