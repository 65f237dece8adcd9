import { EventStoreDBClient, START } from '@eventstore/db-client';
import type { TotalsReader } from '../totals.js';

/** Reads `$all` of the event store from the first event to the last. */
export function streamsReader(url: string, prefix: string): TotalsReader {
  return {
    source: 'streams (EventStoreDB)',
    read: async () => {
      const client = EventStoreDBClient.connectionString(url);
      let [customers, captures, captured] = [0, 0, 0];
      for await (const { event } of client.readAll({ fromPosition: START })) {
        if (!event?.streamId.startsWith(`account-default.${prefix}`)) continue;
        if (event.type === 'AccountOpened') customers += 1;
        if (event.type !== 'HoldCaptured') continue;
        captures += 1;
        captured += (event.data as { captured: number }).captured;
      }
      await client.dispose();
      return { customers, captures, captured };
    },
  };
}
