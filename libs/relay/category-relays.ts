import type { Client } from '@temporalio/client';
import type { Kafka } from '#libs/kafka/kafka.js';
import { RELAY_WORKFLOW } from './protocol/relay.messages.js';
import { runningType } from './running-type.js';

/** For this long, processes of the earlier release find the id of their relay in use. */
const RESERVED = '30 days';
/** Of a workflow that never begins. */
const RESERVATION = 'retired-relay';

interface CategoryRelays {
  readonly client: Client;
  readonly kafka: Kafka;
  readonly categories: readonly string[];
  readonly taskQueue: string;
}

/**
 * Ends the relays of earlier releases, which had one for each category, so that the relay of the
 * service can follow. Each workflow is replaced by one under the same id that does nothing, because
 * processes of the earlier release would start it again. Then its producer is fenced: a process
 * that does not know yet that it is no relay any more can commit nothing.
 */
export async function retireCategoryRelays(relays: CategoryRelays): Promise<void> {
  await Promise.all(relays.categories.map((category) => retire(relays, category)));
}

async function retire({ client, kafka, taskQueue }: CategoryRelays, category: string): Promise<void> {
  const workflowId = `relay-${category}`;
  if ((await runningType(client, workflowId)) === RELAY_WORKFLOW) {
    await client.workflow.start(RESERVATION, {
      workflowId,
      taskQueue,
      startDelay: RESERVED,
      workflowExecutionTimeout: '1 minute',
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      staticSummary: `Keeps earlier releases from relaying ${category}`,
    });
  }
  const producer = await kafka.openProducer(`perdure.relay.${category}`);
  await producer.close();
}
