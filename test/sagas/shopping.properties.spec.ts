import { describe, expect, it } from '@jest/globals';
import { FULFIL } from '../../apps/cart/src/domain/checkout.saga.js';
import { depthOf } from '../support/depth.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';
import { accountOf, cartOf, checkoutWorld, sagaOf, stockOf } from './checkout.world.js';
import type { Fault, FaultOf, World } from './world.js';

const ACCOUNTS = 20;
const SKUS = 50;
const CARTS = 20;
const ROUNDS = depthOf('SHOPPING_ROUNDS');
const MONEY = 3_000;

/**
 * One run: accounts, carts and competing reservations, and the order in which everything happens.
 */
class Shopping {
  private readonly stock = new Map<string, number>();
  private readonly taken = new Map<string, number>();

  constructor(
    private readonly world: World,
    private readonly random: () => number,
  ) {}

  async open(): Promise<void> {
    for (let index = 0; index < ACCOUNTS; index += 1) {
      await this.world.tell('account', `a${index}`, 'Open', { owner: `c${index}`, currency: 'EUR' });
      await this.world.tell('account', `a${index}`, 'Deposit', { amount: MONEY });
    }
    for (let index = 0; index < SKUS; index += 1) {
      const quantity = 1 + this.upTo(6);
      this.stock.set(`s${index}`, quantity);
      await this.world.tell('inventory', `s${index}`, 'Receive', { quantity });
    }
    for (let index = 0; index < CARTS; index += 1) {
      await this.world.tell('cart', `cart${index}`, 'Create', { customerId: `c${index % ACCOUNTS}` });
      for (let line = 0; line < 4; line += 1) {
        const item = {
          sku: `s${this.upTo(SKUS)}`,
          quantity: 1 + this.upTo(2),
          unitPrice: 100 * (1 + this.upTo(5)),
        };
        await this.world.tell('cart', `cart${index}`, 'AddItem', { ...item, currency: 'EUR' });
      }
    }
  }

  /** Someone acts, or an effect is executed, or time passes. */
  async act(): Promise<void> {
    const choice = this.upTo(10);
    const cart = `cart${this.upTo(CARTS)}`;
    if (choice === 0) await this.checkOut(this.upTo(CARTS));
    else if (choice === 1) {
      const number = 1 + this.upTo(2);
      await this.world.tell('checkout', `${cart}:checkout-${number}`, 'Cancel', { reason: 'chance' });
    } else if (choice === 2) await this.strangerReserves();
    else if (choice === 3) await this.world.pass(this.upTo(30));
    else if (choice === 4) await this.world.lose('checkout', `${cart}:checkout-1`);
    else for (let count = 0; count < 6; count += 1) await this.world.step();
  }

  /** No piece and no cent was created or lost. Returns how many carts were bought. */
  check({ orders, payments }: ReturnType<typeof checkoutWorld>): number {
    const spent = new Map<string, number>();
    const sold = new Map(this.taken);
    let bought = 0;
    for (let index = 0; index < CARTS; index += 1) {
      const cart = cartOf(this.world, `cart${index}`);
      for (let number = 1; number <= cart.checkouts; number += 1) {
        const id = `cart${index}:checkout-${number}`;
        const { status, input } = sagaOf(this.world, id);
        expect(['completed', 'compensated']).toContain(status);
        expect(orders.has(id)).toBe(status === 'completed');
        const isByCard = input?.['payment'] !== undefined && input['total'] !== 0;
        const taken = status === 'completed' && isByCard ? ['taken'] : [undefined, 'undone'];
        expect(taken).toContain(payments.get(id));
        if (status !== 'completed') continue;
        const { accountId, total, lines } = input as unknown as {
          accountId?: string;
          total: number;
          lines: readonly { sku: string; quantity: number }[];
        };
        bought += 1;
        if (accountId !== undefined) spent.set(accountId, (spent.get(accountId) ?? 0) + total);
        for (const { sku, quantity } of lines) sold.set(sku, (sold.get(sku) ?? 0) + quantity);
      }
    }
    for (let index = 0; index < ACCOUNTS; index += 1) {
      const balance = MONEY - (spent.get(`a${index}`) ?? 0);
      expect(accountOf(this.world, `a${index}`)).toMatchObject({ balance, held: 0, holds: [] });
    }
    for (const [sku, quantity] of this.stock) {
      const onHand = quantity - (sold.get(sku) ?? 0);
      expect(onHand).toBeGreaterThanOrEqual(0);
      expect(stockOf(this.world, sku)).toMatchObject({ onHand, reserved: 0, reservations: [] });
    }
    return bought;
  }

  /** Now and then by card, or with somebody else's account. */
  private async checkOut(index: number): Promise<void> {
    if (this.upTo(4) === 0) {
      const payment = { method: 'card', card: 'tok_visa' };
      await this.world.tell('cart', `cart${index}`, 'Checkout', { payment });
      return;
    }
    const payer = this.upTo(20) === 0 ? this.upTo(ACCOUNTS) : index % ACCOUNTS;
    await this.world.tell('cart', `cart${index}`, 'Checkout', { accountId: `a${payer}` });
  }

  /** For some seconds, and confirms it near its expiry. */
  private async strangerReserves(): Promise<void> {
    const sku = `s${this.upTo(SKUS)}`;
    const reservationId = `stranger-${this.random()}`;
    const quantity = 1 + this.upTo(2);
    await this.world.tell('inventory', sku, 'Reserve', { reservationId, quantity, ttlSeconds: 15 });
    await this.world.step();
    await this.world.pass(this.upTo(30));
    const outcome = await this.world.tell('inventory', sku, 'ConfirmReservation', { reservationId });
    if (outcome.status === 'accepted') this.taken.set(sku, (this.taken.get(sku) ?? 0) + quantity);
  }

  private upTo(limit: number): number {
    return Math.floor(this.random() * limit);
  }
}

describe('20 customers, 50 items, 20 carts, in any order, with answers lost and refusals by chance', () => {
  const seed = printedSeed();
  let bought = 0;
  it.each(Array.from({ length: ROUNDS }, (_, index) => seed + index))(
    'neither oversell nor charge twice (seed %d)',
    async (one) => {
      const random = seededRandom(one);
      const faults: readonly (Fault | undefined)[] = [
        'lost before',
        'lost after',
        undefined,
        undefined,
        undefined,
      ];
      const faultOf: FaultOf = (_key, _attempt, action) => {
        if (action.kind === 'call' && action.call === FULFIL && random() < 0.05) return 'refused';
        return faults[Math.floor(random() * faults.length)];
      };
      const made = checkoutWorld(random, faultOf);
      const { world } = made;
      const shopping = new Shopping(world, random);
      await shopping.open();
      for (let count = 0; count < 250; count += 1) await shopping.act();
      await world.settle();
      await world.pass(3_600);
      await world.settle();
      bought += shopping.check(made);
    },
  );

  // A single round may have none: all are cancelled, or find nothing left.
  it('and buy', () => expect(bought).toBeGreaterThan(ROUNDS));
});
