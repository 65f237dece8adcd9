import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { connectTemporal } from './temporal-client.js';

// Jest also fails a test during which an exception is uncaught.
it('a call between two attempts ends when its connection is closed', async () => {
  // Nobody listens there.
  const client = connectTemporal({ address: '127.0.0.1:1', namespace: 'default' });
  const call = client.workflow
    .getHandle('any')
    .describe()
    .catch(({ cause }: Error) => cause);
  await pause(300); // several attempts
  await client.connection.close();
  expect(await call).toMatchObject({ code: 1, details: 'Channel has been shut down' });
}, 30_000);
