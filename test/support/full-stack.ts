import { afterAll } from '@jest/globals';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { AnyDecider } from '#libs/core/decider.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { onFullStack } from '#libs/testing/full-stack.stage.js';
import type { Stage } from '#libs/testing/stage.js';
import { withSomeScenarios } from './depth.js';
import { patientStore } from './patient-store.js';

/**
 * The stack that the tests run on, as a stage for an entity. Its connections end with the test
 * file.
 */
export function fullStackOf(contract: EntityContract, decider: AnyDecider): Stage {
  const { PERDURE_URL: url = '', TEMPORAL_ADDRESS = '' } = process.env;
  const store = patientStore();
  const client = connectTemporal({ address: TEMPORAL_ADDRESS, namespace: 'default' });
  const gateway = createEntityGateway({ client, store, deciders: { [contract.name]: decider } });
  afterAll(async () => {
    await client.connection.close();
    await store.close();
  });
  return withSomeScenarios(`e2e ${contract.name}`, onFullStack({ contract, url, store, gateway }));
}
