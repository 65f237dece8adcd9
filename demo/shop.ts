import { accountContract } from '#contracts/account/account.contract.js';
import { cartContract } from '#contracts/cart/cart.contract.js';
import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import { Account } from '#contracts/account/account.kind.js';
import { Cart } from '#contracts/cart/cart.kind.js';
import { Item } from '#contracts/inventory/inventory.kind.js';
import { entityByRest } from '#libs/entity/gateway/entity-by-rest.js';
import { BoughtCarts, type BoughtCart } from './bought-carts.js';
import { DemoError } from './demo.errors.js';
import { forEachConcurrently } from './for-each-concurrently.js';
import type { Progress } from './progress.js';
import { type DataSet, type Purchase, spentByCustomer } from './purchases.js';
import type { RestClient } from './rest-client.js';
import { accountOf, cartOf, itemsOf, stockFor } from './shelves.js';

const CONTRACTS = [accountContract, cartContract, inventoryContract];
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
    private readonly client: RestClient,
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
      const item = this.executing(`${sku}:receive`)(Item, sku);
      await item.send({ type: 'Receive', data: { quantity, reference } });
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
    const open = { type: 'Open', data: { owner, currency: CURRENCY } } as const;
    await this.executing(`${customer}:open`)(Account, owner).send(open);
    if (amount === 0) return;
    const data = { amount, currency: CURRENCY, reference: 'for CDs' };
    await this.executing(`${customer}:deposit`)(Account, owner).send({ type: 'Deposit', data });
  }

  private async buy(purchase: Purchase): Promise<void> {
    const { line, customer } = purchase;
    const customerId = accountOf(this.dataSet, customer);
    const cart = cartOf(this.dataSet, purchase);
    await this.sending(`${line}:create`)(Cart, cart).send({ type: 'Create', data: { customerId } });
    for (const item of itemsOf(purchase)) {
      const data = { ...item, currency: CURRENCY };
      await this.sending(`${line}:${item.sku}`)(Cart, cart).send({ type: 'AddItem', data });
    }
    for (let number = 1; number <= MAX_CHECKOUTS; number += 1) {
      const data = { accountId: customerId };
      await this.executing(`${line}:checkout-${number}`)(Cart, cart).send({ type: 'Checkout', data });
      const bought = await this.outcome(purchase, number);
      if (bought) return expectPaid(purchase, bought);
    }
    throw new DemoError(`purchase ${line} was undone ${MAX_CHECKOUTS} times: see GET /v1/carts/${cart}`);
  }

  /** The cart once it is bought, or undefined if the checkout was undone and can be tried again. */
  private async outcome(purchase: Purchase, number: number): Promise<BoughtCart | undefined> {
    const cart = cartOf(this.dataSet, purchase);
    for (;;) {
      const bought = await this.carts.waitFor(cart, PATIENCE_MILLISECONDS);
      if (bought) return bought;
      // On a busy machine it may not have started yet.
      const checkout = await this.client.find<{ status: string }>(`/v1/checkouts/${cart}:checkout-${number}`);
      if (checkout?.status === 'compensated') return undefined;
    }
  }

  /** Sends commands under a key without waiting for their outcomes. */
  private sending(key: string) {
    return entityByRest(CONTRACTS, (path, body) =>
      this.client.send(path, `${this.dataSet.name}:${key}`, body),
    );
  }

  /** The same, and waits. */
  private executing(key: string) {
    return entityByRest(CONTRACTS, (path, body) =>
      this.client.execute(path, `${this.dataSet.name}:${key}`, body),
    );
  }
}

function expectPaid({ line, cds, cents }: Purchase, { pieces, total }: BoughtCart): void {
  if (pieces === cds && total === cents) return;
  throw new DemoError(
    `purchase ${line} is ${cds} CDs for ${cents} cents, but its cart has ${pieces} for ${total}`,
  );
}
