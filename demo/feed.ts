import type { AccountClient } from './account-client.js';
import { forEachConcurrently } from './for-each-concurrently.js';
import type { Progress } from './progress.js';
import { accountOf, byCustomer, type DataSet, type Purchase } from './purchases.js';

const CURRENCY = 'USD';

/** What the service said to the commands of a run. */
export interface Fed {
  readonly commands: number;
  /** Commands that had been sent by an earlier run. */
  readonly replayed: number;
  /** Purchases of 0.00, which send nothing. */
  readonly free: number;
}

/**
 * Opens each customer's account and makes of each purchase a deposit and a captured hold of its value. Keys and hold ids
 * come from the line number, so that a second run, or one that was broken off, changes nothing twice.
 */
export async function feed(
  client: AccountClient,
  dataSet: DataSet,
  concurrency: number,
  progress: Progress,
): Promise<Fed> {
  const counts = { commands: 0, replayed: 0, free: 0 };
  const send = async (account: string, name: string, key: string, body: object): Promise<void> => {
    const answer = await client.command(account, name, `${dataSet.name}:${key}`, body);
    counts.commands += 1;
    if (answer === 'replayed') counts.replayed += 1;
  };
  const buy = async (account: string, { line, cents }: Purchase): Promise<void> => {
    const holdId = `purchase-${line}`;
    const reference = `CDNOW purchase ${line}`;
    await send(account, 'deposit', `${line}:deposit`, { amount: cents, currency: CURRENCY, reference });
    await send(account, 'place-hold', `${line}:hold`, { holdId, amount: cents, reference });
    await send(account, 'capture-hold', `${line}:capture`, { holdId });
  };
  progress.start(dataSet.purchases.length);
  await forEachConcurrently(byCustomer(dataSet), concurrency, async ([customer, purchases]) => {
    const account = accountOf(dataSet, customer);
    await send(account, 'open', `${customer}:open`, {
      owner: `CDNOW customer ${customer}`,
      currency: CURRENCY,
    });
    for (const purchase of purchases) {
      if (purchase.cents === 0) counts.free += 1;
      else await buy(account, purchase);
      progress.advance();
    }
  });
  progress.stop();
  return counts;
}
