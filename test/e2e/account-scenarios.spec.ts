import { afterAll, describe, jest } from '@jest/globals';
import { accountContract } from '#contracts/account/account.contract.js';
import { createEntityGateway } from '#libs/entity-client/temporal-entity-gateway.js';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import { connectTemporal } from '#libs/temporal/temporal-client.js';
import { onFullStack } from '#libs/testing/full-stack.stage.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { accountScenarios } from '../../apps/account/src/domain/account.scenarios.js';

jest.setTimeout(60_000);

const url = String(process.env['PERDURE_URL']);
const store = connectEventStore(String(process.env['EVENTSTORE_URL']));
const client = connectTemporal({ address: String(process.env['TEMPORAL_ADDRESS']), namespace: 'default' });
const gateway = createEntityGateway({ client, store, deciders: { account: accountDecider } });

afterAll(async () => {
  await client.connection.close();
  await store.close();
});

describe('an account on the whole stack', () =>
  accountScenarios(onFullStack({ contract: accountContract, url, store, gateway })));
