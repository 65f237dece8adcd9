import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isEmbedded, storeUrl } from '#libs/testing/store-under-test.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { failureOf, newStream } from './store-kit.js';

const UNIMPLEMENTED = 12;

// The real server has them. The embedded one has what the project uses.
const onEmbedded = isEmbedded() ? describe : describe.skip;

onEmbedded(`persistent subscriptions, with ${clientName}`, () => {
  let store: StoreClient;
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  afterAll(() => store.close());

  const settings = {
    startFrom: 'start',
    resolveLinkTos: false,
    extraStatistics: false,
    checkPointAfter: 1_000,
    checkPointLowerBound: 1,
    checkPointUpperBound: 1,
    consumerStrategyName: 'RoundRobin',
    historyBufferSize: 500,
    liveBufferSize: 500,
    maxRetryCount: 1,
    maxSubscriberCount: 10,
    messageTimeout: 30_000,
    readBatchSize: 20,
  } as unknown as Parameters<StoreClient['client']['createPersistentSubscriptionToStream']>[2];

  test.each([
    ['creating', () => store.client.createPersistentSubscriptionToStream(newStream(), 'group', settings)],
    ['deleting', () => store.client.deletePersistentSubscriptionToStream(newStream(), 'group')],
  ])('%s one is answered with a sentence that says it is not implemented', async (_, call) => {
    const { code, message } = await failureOf(call());
    expect(code).toBe(UNIMPLEMENTED);
    expect(message).toMatch(/\w+ \w+ \w+/);
    expect(message).toMatch(/persistent/i);
  });

  test('subscribing to one ends with the same answer', async () => {
    const failure = await new Promise<unknown>((resolve) => {
      store.client.subscribeToPersistentSubscriptionToStream(newStream(), 'group').on('error', resolve);
    });
    expect(failure).toMatchObject({ code: UNIMPLEMENTED, message: expect.stringMatching(/persistent/i) });
  });
});
