import { setTimeout as pause } from 'node:timers/promises';
import type { PerdureClient } from '#libs/client/client.js';

const POLL_MILLISECONDS = 500;
const PAGE = 200;

/** A bought cart in the list of carts. */
export interface BoughtCart {
  readonly id: string;
  readonly pieces: number;
  readonly total: number;
}

/**
 * Watches the list of completed carts for all callers that wait for one. Carts are bought roughly
 * in the order of their ids, which is that of the list, so each poll starts at the page with the
 * first missing cart.
 */
export class BoughtCarts {
  private readonly bought = new Map<string, BoughtCart>();
  private from: string | undefined;
  private missing = 0;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly client: PerdureClient,
    /** The carts of interest, in the order of their ids. */
    private readonly carts: readonly string[],
  ) {}

  has(cart: string): boolean {
    return this.bought.has(cart);
  }

  /** Reads from the first page that may have changed. */
  async look(): Promise<void> {
    let { from } = this;
    let isComplete = true;
    for (;;) {
      const query = { status: 'completed', limit: PAGE, cursor: from };
      const page = await this.client.page<BoughtCart>('/v1/carts', { query });
      for (const cart of page.data) this.bought.set(cart.id, cart);
      if (page.nextCursor === undefined) return;
      isComplete &&= this.isCompleteUpTo(page.data.at(-1)?.id ?? '');
      if (isComplete) this.from = page.nextCursor;
      from = page.nextCursor;
    }
  }

  /** The cart once it is bought, or undefined on a time-out. */
  async waitFor(cart: string, milliseconds: number): Promise<BoughtCart | undefined> {
    const deadline = Date.now() + milliseconds;
    while (!this.bought.has(cart) && Date.now() < deadline) await this.nextLook();
    return this.bought.get(cart);
  }

  /** One poll serves all callers that wait. */
  private nextLook(): Promise<void> {
    this.looking ??= pause(POLL_MILLISECONDS)
      .then(() => this.look())
      .finally(() => (this.looking = undefined));
    return this.looking;
  }

  private isCompleteUpTo(id: string): boolean {
    while (this.bought.has(this.carts[this.missing] ?? '')) this.missing += 1;
    const first = this.carts[this.missing];
    return first === undefined || first > id;
  }
}
