import type { Client } from '@temporalio/client';
import type { Kafka } from '#libs/kafka/kafka.js';
import { retireCategoryRelays } from './category-relays.js';
import { RELAY_WORKFLOW, type RelayInput } from './protocol/relay.messages.js';
import { runningType } from './running-type.js';

export interface EnsureRelayOptions {
  readonly client: Client;
  readonly kafka: Kafka;
  readonly service: string;
  readonly categories: readonly string[];
  readonly taskQueue: string;
}

/** Id of the workflow that supervises the relay of a service. */
export function relayWorkflowId(service: string): string {
  return `service-relay-${service}`;
}

/**
 * Starts the relay of a service unless it is running already. Its workflow id,
 * `service-relay-account`, makes it unique. Before that, it ends the relays that earlier releases
 * had for each category.
 */
export async function ensureRelay(options: EnsureRelayOptions): Promise<void> {
  const { client, service, taskQueue } = options;
  const workflowId = relayWorkflowId(service);
  if ((await runningType(client, workflowId)) !== undefined) return;
  await retireCategoryRelays(options);
  const input: RelayInput = { service };
  await client.workflow.start(RELAY_WORKFLOW, {
    workflowId,
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `Publishes the events of the service ${service} to their topics`,
  });
}
