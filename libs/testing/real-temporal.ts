import { NativeConnection } from '@temporalio/worker';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import type { TimeSkippingProcess } from './time-skipping-process.js';

/** Connects to the server of the tests, whose time passes as usual. */
export async function realTemporal(): Promise<TimeSkippingProcess> {
  const address = String(process.env['TEMPORAL_ADDRESS']);
  const client = connectTemporal({ address, namespace: 'default' });
  const nativeConnection = await NativeConnection.connect({ address });
  return {
    client,
    nativeConnection,
    skip: async () => {
      throw new Error('the time of this server cannot be skipped');
    },
    now: async () => Date.now(),
    close: async () => {
      await client.connection.close();
      await nativeConnection.close();
    },
  };
}
