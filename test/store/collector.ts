import type { AllStreamSubscription, StreamSubscription } from '@eventstore/db-client';
import type { Resolved } from './official-client.js';
import { eventually, type Failure, toFailure } from './store-kit.js';

/** Records everything that a subscription delivers. */
export class Collector {
  readonly events: Resolved[] = [];
  isConfirmed = false;
  caughtUps = 0;
  failure: Failure | undefined;
  hasEnded = false;

  constructor(private readonly subscription: StreamSubscription | AllStreamSubscription) {
    subscription.on('confirmation', () => (this.isConfirmed = true));
    subscription.on('caughtUp', () => (this.caughtUps += 1));
    subscription.on('error', (error: Error) => (this.failure = toFailure(error)));
    subscription.on('end', () => (this.hasEnded = true));
    (subscription as StreamSubscription).on('data', (event: Resolved) => this.events.push(event));
  }

  /** What it has delivered so far. */
  get ids(): (string | undefined)[] {
    return this.events.map(({ event }) => event?.id);
  }

  async untilConfirmed(): Promise<void> {
    await this.until('it is confirmed', () => this.isConfirmed);
  }

  async untilCaughtUp(): Promise<void> {
    await this.until('it has caught up', () => this.caughtUps > 0);
  }

  async untilCount(count: number): Promise<void> {
    await this.until(`${count} events have come`, () => this.events.length >= count);
  }

  /** Waits for an end of any kind. */
  async untilOver(): Promise<void> {
    await eventually('the subscription is over', () => this.hasEnded || this.failure !== undefined);
  }

  async stop(): Promise<void> {
    await this.subscription.unsubscribe();
  }

  /** Fails immediately if the subscription has ended. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    await eventually(what, () => {
      if (isSo()) return true;
      if (this.failure) throw new Error(`the subscription ended before ${what}: ${this.failure.message}`);
      return false;
    });
  }
}
