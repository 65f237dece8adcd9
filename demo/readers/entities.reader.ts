import type { AccountClient } from '../account-client.js';
import { forEachConcurrently } from '../for-each-concurrently.js';
import type { Progress } from '../progress.js';
import type { TotalsReader } from '../totals.js';

/** Asks every account for its live state. */
export function entitiesReader(
  client: AccountClient,
  accounts: readonly string[],
  concurrency: number,
  progress: Progress,
): TotalsReader {
  return {
    source: 'entities (live state)',
    read: async () => {
      let [customers, captures, captured] = [0, 0, 0];
      progress.start(accounts.length);
      await forEachConcurrently(accounts, concurrency, async (id) => {
        const account = await client.account(id);
        customers += 1;
        captures += account.captured.count;
        captured += account.captured.amount;
        progress.advance();
      });
      progress.stop();
      return { customers, captures, captured };
    },
  };
}
