import type { PerdureClient } from '#libs/client/client.js';
import { BoughtCarts, type BoughtCart } from './bought-carts.js';
import { DemoError } from './demo.errors.js';
import { forEachConcurrently } from './for-each-concurrently.js';
import type { Progress } from './progress.js';
import { type DataSet, type Purchase, spentByCustomer } from './purchases.js';
import { PATIENCE_SECONDS } from './patient-client.js';
import { accountOf, cartOf, itemsOf, stockFor } from './shelves.js';

const CURRENCY = 'USD';
/** After this, poll the checkout itself. */
const PATIENCE_MILLISECONDS = 10_000;
const MAX_CHECKOUTS = 3;

/** The result of a run. */
export interface Shopped {
  readonly bought: number;
  /** Bought by an earlier run. */
  readonly before: number;
}

/**
 * Each purchase is a cart of its customer, paid from the customer's account. Ids and keys are
 * derived from the line number, so a second run, or one that resumes after an interruption, repeats
 * nothing. The list of carts says what is done.
 */
export class Shop {
  private readonly accounts = new Map<string, Promise<void>>();
  private readonly spent: ReadonlyMap<string, number>;
  private readonly carts: BoughtCarts;

  constructor(
    private readonly client: PerdureClient,
    private readonly dataSet: DataSet,
    private readonly concurrency: number,
  ) {
    this.spent = spentByCustomer(dataSet);
    this.carts = new BoughtCarts(
      client,
      dataSet.purchases.map((purchase) => cartOf(dataSet, purchase)),
    );
  }

  async shop(progress: Progress): Promise<Shopped> {
    const { dataSet, carts, concurrency } = this;
    await carts.look();
    const open = dataSet.purchases.filter((purchase) => !carts.has(cartOf(dataSet, purchase)));
    const before = dataSet.purchases.length - open.length;
    if (open.length > 0) await this.receiveStock();
    progress.start(dataSet.purchases.length, before);
    await forEachConcurrently(open, concurrency, async (purchase) => {
      await this.account(purchase.customer);
      await this.buy(purchase);
      progress.advance();
    });
    progress.stop();
    return { bought: open.length, before };
  }

  private async receiveStock(): Promise<void> {
    await forEachConcurrently(stockFor(this.dataSet), this.concurrency, async ([sku, quantity]) => {
      const reference = `CDNOW ${this.dataSet.name}`;
      const item = this.client.entity('inventory', sku);
      await item.execute('Receive', { quantity, reference }, this.waiting(`${sku}:receive`));
    });
  }

  /** Opens the account of a customer, with all the money that will be spent. */
  private account(customer: string): Promise<void> {
    const known = this.accounts.get(customer);
    if (known) return known;
    const opened = this.openAccount(customer);
    this.accounts.set(customer, opened);
    return opened;
  }

  private async openAccount(customer: string): Promise<void> {
    const owner = accountOf(this.dataSet, customer);
    const amount = this.spent.get(customer) ?? 0;
    const account = this.client.entity('account', owner);
    await account.execute('Open', { owner, currency: CURRENCY }, this.waiting(`${customer}:open`));
    if (amount === 0) return;
    const deposit = { amount, currency: CURRENCY, reference: 'for CDs' };
    await account.execute('Deposit', deposit, this.waiting(`${customer}:deposit`));
  }

  private async buy(purchase: Purchase): Promise<void> {
    const { line, customer } = purchase;
    const customerId = accountOf(this.dataSet, customer);
    const id = cartOf(this.dataSet, purchase);
    const cart = this.client.entity('cart', id);
    await cart.send('Create', { customerId }, this.under(`${line}:create`));
    for (const item of itemsOf(purchase)) {
      await cart.send('AddItem', { ...item, currency: CURRENCY }, this.under(`${line}:${item.sku}`));
    }
    for (let number = 1; number <= MAX_CHECKOUTS; number += 1) {
      await cart.execute('Checkout', { accountId: customerId }, this.waiting(`${line}:checkout-${number}`));
      const bought = await this.outcome(purchase, number);
      if (bought) return expectPaid(purchase, bought);
    }
    throw new DemoError(`purchase ${line} was undone ${MAX_CHECKOUTS} times: see GET /v1/carts/${id}`);
  }

  /** The cart once it is bought, or undefined if the checkout was undone and can be tried again. */
  private async outcome(purchase: Purchase, number: number): Promise<BoughtCart | undefined> {
    const cart = cartOf(this.dataSet, purchase);
    for (;;) {
      const bought = await this.carts.waitFor(cart, PATIENCE_MILLISECONDS);
      if (bought) return bought;
      // On a busy machine it may not have started yet.
      const checkout = await this.client.entity('checkout', `${cart}:checkout-${number}`).find();
      if (checkout?.status === 'compensated') return undefined;
    }
  }

  /** A second run sends each command under the same key, so it is the same command. */
  private under(key: string) {
    return { key: `${this.dataSet.name}:${key}` };
  }

  /** The same for a command whose outcome is waited for. */
  private waiting(key: string) {
    return { ...this.under(key), seconds: PATIENCE_SECONDS };
  }
}

function expectPaid({ line, cds, cents }: Purchase, { pieces, total }: BoughtCart): void {
  if (pieces === cds && total === cents) return;
  throw new DemoError(
    `purchase ${line} is ${cds} CDs for ${cents} cents, but its cart has ${pieces} for ${total}`,
  );
}
