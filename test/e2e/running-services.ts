import type { EntityContract } from '#contracts/entity-contract.js';
import type { AnyDecider } from '#libs/decider/decider.js';
import { createEntityGateway } from '#libs/entity-client/temporal-entity-gateway.js';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import { connectTemporal } from '#libs/temporal/temporal-client.js';
import { onFullStack } from '#libs/testing/full-stack.stage.js';
import type { Stage } from '#libs/testing/stage.js';

/** The stage of the services that run for the tests, and what closes its connections. */
export function onRunningServices(
  contract: EntityContract,
  decider: AnyDecider,
): { readonly stage: Stage; close(): Promise<void> } {
  const url = String(process.env['PERDURE_URL']);
  const store = connectEventStore(String(process.env['EVENTSTORE_URL']));
  const client = connectTemporal({ address: String(process.env['TEMPORAL_ADDRESS']), namespace: 'default' });
  const gateway = createEntityGateway({ client, store, deciders: { [decider.name]: decider } });
  return {
    stage: onFullStack({ contract, url, store, gateway }),
    close: async () => {
      await client.connection.close();
      await store.close();
    },
  };
}
