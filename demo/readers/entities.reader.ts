import type { PerdureClient } from '#libs/client/client.js';
import { forEachConcurrently } from '../for-each-concurrently.js';
import type { Progress } from '../progress.js';
import { type DataSet, spentByCustomer } from '../purchases.js';
import { accountOf, cartOf, stockFor } from '../shelves.js';
import type { TotalsReader } from '../totals.js';

/** Reads the live state of every account, every cart and every item. */
export function entitiesReader(
  client: PerdureClient,
  dataSet: DataSet,
  concurrency: number,
  progress: Progress,
): TotalsReader {
  const accounts = [...spentByCustomer(dataSet).keys()].map((customer) => accountOf(dataSet, customer));
  const carts = dataSet.purchases.map((purchase) => cartOf(dataSet, purchase));
  const shelves = [...stockFor(dataSet).keys()];
  const each = (ids: readonly string[], ask: (id: string) => Promise<void>): Promise<void> =>
    forEachConcurrently(ids, concurrency, async (id) => {
      await ask(id);
      progress.advance();
    });
  return {
    source: 'entities (live state)',
    read: async () => {
      let [customers, purchases, cds, sold, captured] = [0, 0, 0, 0, 0];
      const stock = { received: 0, left: 0, taken: 0 };
      progress.start(accounts.length + carts.length + shelves.length);
      await each(accounts, async (id) => {
        const account = await client.entity('account', id).state();
        customers += 1;
        captured += account.captured.amount;
      });
      await each(carts, async (id) => {
        const { status, lines, total } = await client.entity('cart', id).state();
        if (status !== 'completed') return;
        purchases += 1;
        cds += lines.reduce((sum, { quantity }) => sum + quantity, 0);
        sold += total;
      });
      await each(shelves, async (sku) => {
        const item = await client.entity('inventory', sku).state();
        stock.received += item.received;
        stock.left += item.onHand;
        stock.taken += item.sold;
      });
      progress.stop();
      return { customers, purchases, cds, sold, captured, stock };
    },
  };
}
