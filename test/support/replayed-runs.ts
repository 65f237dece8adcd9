import type { Client, HistoryAndWorkflowId } from '@temporalio/client';
import { Worker } from '@temporalio/worker';

const AS_RECORDED = 'as recorded';

/** Replays histories, and returns what came of each by workflow: `as recorded`, or the error. */
export async function replayed(
  codePath: string,
  histories: Iterable<HistoryAndWorkflowId> | AsyncIterable<HistoryAndWorkflowId>,
): Promise<Readonly<Record<string, string>>> {
  const results: Record<string, string> = {};
  const replays = Worker.runReplayHistories({ workflowBundle: { codePath } }, histories);
  for await (const { workflowId, error } of replays) results[workflowId] = error?.message ?? AS_RECORDED;
  return results;
}

/**
 * Replays the last runs of workflows by the code that served them, and returns the errors by
 * workflow. A run that can be replayed survives the loss of its worker.
 */
export async function replayErrors(
  client: Client,
  workflows: readonly { readonly workflowId: string; readonly codePath: string }[],
): Promise<Readonly<Record<string, string>>> {
  const errors: [string, string][] = [];
  for (const codePath of new Set(workflows.map((one) => one.codePath))) {
    const served = workflows.filter((one) => one.codePath === codePath);
    const results = await replayed(codePath, historiesOf(client, served));
    for (const { workflowId } of served) {
      const result = results[workflowId] ?? 'was not replayed';
      if (result !== AS_RECORDED) errors.push([workflowId, result]);
    }
  }
  return Object.fromEntries(errors);
}

async function* historiesOf(
  client: Client,
  workflows: readonly { readonly workflowId: string }[],
): AsyncGenerator<HistoryAndWorkflowId> {
  for (const { workflowId } of workflows) {
    yield { workflowId, history: await client.workflow.getHandle(workflowId).fetchHistory() };
  }
}
