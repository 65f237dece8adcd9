import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { killServer } from '#tools/dev-stack/kill-server.js';
import { allAnswer, eventually, insistOn, read, request, type Reply } from '../support/account-rest.js';
import { depthOf } from '../support/depth.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';

const CUSTOMERS = 5;
const CARTS = 24;
const ITEMS = 4;
const STOCK = 30;
const MONEY = 4_000;
/** An attempt that was killed is noticed after its time-out, and a loaded machine needs several. */
const PATIENCE_MILLISECONDS = 240_000;
const KILLED = ['cart', 'inventory', 'account', 'sandbox', 'temporal', 'event-store'] as const;

const url = (path: string): string => `${process.env['PERDURE_URL']}${path}`;
const wait = { prefer: 'wait=5' };

const tell = (path: string, body: object): Promise<Reply> => insistOn(url(path), randomUUID(), body, wait);

interface Bought {
  readonly cart: string;
  readonly account: string;
  readonly total: number;
  readonly pieces: ReadonlyMap<string, number>;
}

/** Waits until everything that was killed answers again. */
const allBack = () => allAnswer([url('/health/ready'), `${process.env['FULFILMENT_URL']}/health/live`]);

/** Accounts with some money each, and items of which there are not enough for everyone. */
class Shop {
  private readonly unique = randomUUID();
  readonly skus = Array.from({ length: ITEMS }, (_, index) => `item-${index}-${this.unique}`);
  readonly accounts = Array.from({ length: CUSTOMERS }, (_, index) => `payer-${index}-${this.unique}`);

  constructor(private readonly random: () => number) {}

  async open(): Promise<void> {
    for (const [index, account] of this.accounts.entries()) {
      await tell(`/v1/accounts/${account}/open`, { owner: this.customer(index), currency: 'EUR' });
      await tell(`/v1/accounts/${account}/deposit`, { amount: MONEY });
    }
    for (const sku of this.skus) await tell(`/v1/inventory/${sku}/receive`, { quantity: STOCK });
  }

  /** A cart with random content, checked out. */
  async buy(): Promise<Bought> {
    const who = this.upTo(CUSTOMERS);
    const account = this.accounts[who] ?? '';
    const cart = `cart-${randomUUID()}`;
    await tell(`/v1/carts/${cart}/create`, { customerId: this.customer(who) });
    const pieces = new Map<string, number>();
    let total = 0;
    for (const sku of this.skus.filter(() => this.random() < 0.6).concat(this.skus.slice(0, 1))) {
      if (pieces.has(sku)) continue;
      const quantity = 1 + this.upTo(3);
      const unitPrice = 100 * (1 + this.upTo(4));
      await tell(`/v1/carts/${cart}/add-item`, { sku, quantity, unitPrice, currency: 'EUR' });
      pieces.set(sku, quantity);
      total += quantity * unitPrice;
    }
    await tell(`/v1/carts/${cart}/checkout`, { accountId: account });
    return { cart, account, total, pieces };
  }

  /** The last is never delivered to, and the one before at the third attempt only. */
  private customer(index: number): string {
    const mood = index === CUSTOMERS - 1 ? 'refused' : index === CUSTOMERS - 2 ? 'flaky' : 'customer';
    return `${mood}-${index}-${this.unique}`;
  }

  private upTo(limit: number): number {
    return Math.floor(this.random() * limit);
  }
}

describe('checkouts of many carts while what they need is killed', () => {
  it('each end bought or undone: no piece and no cent is lost or made', async () => {
    const shop = new Shop(seededRandom(printedSeed()));
    await shop.open();
    const buying = Array.from({ length: 4 }, async () => {
      const bought: Bought[] = [];
      for (let count = 0; count < CARTS / 4; count += 1) bought.push(await shop.buy());
      return bought;
    });
    const all = Promise.all(buying);
    all.catch(() => undefined); // told where it is awaited
    for (let kill = 0; kill < KILLED.length * depthOf('KILLS'); kill += 1) {
      await allBack();
      killServer(KILLED[kill % KILLED.length] ?? 'cart');
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    const bought = (await all).flat();
    await allBack();
    const completed: Bought[] = [];
    for (const one of bought) {
      const { body } = await eventually(
        () => request(url(`/v1/checkouts/${one.cart}:checkout-1`)),
        ({ body: saga }) => saga['status'] === 'completed' || saga['status'] === 'compensated',
        PATIENCE_MILLISECONDS,
      );
      const isSold = body['status'] === 'completed';
      const cart = await read(url(`/v1/carts/${one.cart}`));
      expect(cart.body['status']).toBe(isSold ? 'completed' : 'open');
      const order = await read(`${process.env['FULFILMENT_URL']}/orders/${one.cart}:checkout-1`);
      if (isSold) expect(order.body['status']).toBe('taken');
      else expect(order.body['status']).not.toBe('taken');
      if (isSold) completed.push(one);
    }
    expect(completed.length).toBeGreaterThan(0);
    expect(completed.length).toBeLessThan(bought.length);
    for (const sku of shop.skus) {
      const sold = completed.reduce((sum, { pieces }) => sum + (pieces.get(sku) ?? 0), 0);
      const { body } = await read(url(`/v1/inventory/${sku}`));
      expect(body).toMatchObject({ onHand: STOCK - sold, reserved: 0, available: STOCK - sold });
    }
    for (const account of shop.accounts) {
      const spent = completed
        .filter((one) => one.account === account)
        .reduce((sum, { total }) => sum + total, 0);
      const { body } = await read(url(`/v1/accounts/${account}`));
      expect(body).toMatchObject({ balance: MONEY - spent, held: 0, available: MONEY - spent, holds: [] });
    }
  }, 600_000);
});
