import type { Client } from '@temporalio/client';
import { RELAY_WORKFLOW, type RelayInput } from './protocol/relay.messages.js';

/** Id of the workflow that supervises the relay of a category. */
export function relayWorkflowId(category: string): string {
  return `relay-${category}`;
}

/**
 * Starts the relay of a category unless it is running already. Its workflow id, `relay-account`,
 * makes it unique.
 */
export async function ensureRelay(client: Client, category: string, taskQueue: string): Promise<void> {
  const input: RelayInput = { category };
  await client.workflow.start(RELAY_WORKFLOW, {
    workflowId: relayWorkflowId(category),
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `Publishes the events of ${category} to their topic`,
  });
}
