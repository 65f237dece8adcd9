import { expect } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { patientStore } from './patient-store.js';

/** Sends a command in a checkout's name that its rules would never send now, but a bug might. */
export async function sendAs(id: string, stream: string, type: string, data: JsonObject): Promise<void> {
  const { TEMPORAL_ADDRESS: address = '' } = process.env;
  const store = patientStore();
  const client = connectTemporal({ address, namespace: 'default' });
  const gateway = createEntityGateway({ client, store, deciders: {} });
  const sender = `checkout-default.${id}`;
  const at = new Date().toISOString();
  const envelope = envelopeOf({ type, data, sender, at }, `${id} ${type}`);
  const [receipt] = await gateway.execute(stream, [envelope], 20_000);
  await client.connection.close();
  await store.close();
  expect(receipt).toMatchObject({ status: 'accepted' });
}
