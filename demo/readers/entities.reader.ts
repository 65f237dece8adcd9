import { forEachConcurrently } from '../for-each-concurrently.js';
import type { Progress } from '../progress.js';
import { type DataSet, spentByCustomer } from '../purchases.js';
import type { RestClient } from '../rest-client.js';
import { accountOf, cartOf, stockFor } from '../shelves.js';
import type { TotalsReader } from '../totals.js';

interface Account {
  readonly captured: { readonly amount: number };
}

interface Cart {
  readonly status: string;
  readonly lines: readonly { readonly quantity: number }[];
  readonly total: number;
}

interface Item {
  readonly onHand: number;
  readonly received: number;
  readonly sold: number;
}

/** Reads the live state of every account, every cart and every item. */
export function entitiesReader(
  client: RestClient,
  dataSet: DataSet,
  concurrency: number,
  progress: Progress,
): TotalsReader {
  const accounts = [...spentByCustomer(dataSet).keys()].map((customer) => accountOf(dataSet, customer));
  const carts = dataSet.purchases.map((purchase) => cartOf(dataSet, purchase));
  const shelves = [...stockFor(dataSet).keys()];
  const each = (paths: readonly string[], ask: (path: string) => Promise<void>): Promise<void> =>
    forEachConcurrently(paths, concurrency, async (path) => {
      await ask(path);
      progress.advance();
    });
  return {
    source: 'entities (live state)',
    read: async () => {
      let [customers, purchases, cds, sold, captured] = [0, 0, 0, 0, 0];
      const stock = { received: 0, left: 0, taken: 0 };
      progress.start(accounts.length + carts.length + shelves.length);
      await each(pathsOf('accounts', accounts), async (path) => {
        const account = await client.get<Account>(path);
        customers += 1;
        captured += account.captured.amount;
      });
      await each(pathsOf('carts', carts), async (path) => {
        const { status, lines, total } = await client.get<Cart>(path);
        if (status !== 'completed') return;
        purchases += 1;
        cds += lines.reduce((sum, { quantity }) => sum + quantity, 0);
        sold += total;
      });
      await each(pathsOf('inventory', shelves), async (path) => {
        const item = await client.get<Item>(path);
        stock.received += item.received;
        stock.left += item.onHand;
        stock.taken += item.sold;
      });
      progress.stop();
      return { customers, purchases, cds, sold, captured, stock };
    },
  };
}

function pathsOf(plural: string, ids: readonly string[]): readonly string[] {
  return ids.map((id) => `/v1/${plural}/${id}`);
}
