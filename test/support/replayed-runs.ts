import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;

/**
 * Replays the last runs of workflows by the code that served them, and returns the errors by
 * workflow. A run that can be replayed survives the loss of its worker.
 */
export async function replayErrors(
  client: Client,
  workflows: readonly { readonly workflowId: string; readonly codePath: string }[],
): Promise<Readonly<Record<string, string>>> {
  const errors: Record<string, string> = {};
  for (const codePath of new Set(workflows.map((one) => one.codePath))) {
    const served = workflows.filter((one) => one.codePath === codePath);
    const results = Worker.runReplayHistories({ workflowBundle: { codePath } }, historiesOf(client, served));
    for await (const { workflowId, error } of results) {
      if (error) errors[workflowId] = error.message;
    }
  }
  return errors;
}

async function* historiesOf(
  client: Client,
  workflows: readonly { readonly workflowId: string }[],
): AsyncGenerator<{ workflowId: string; history: History }> {
  for (const { workflowId } of workflows) {
    yield { workflowId, history: await client.workflow.getHandle(workflowId).fetchHistory() };
  }
}
