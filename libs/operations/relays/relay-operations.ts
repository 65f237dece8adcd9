import type { Client } from '@temporalio/client';
import { relayStanding } from './relay-standing.js';

/** What operators can ask about the relays of a service. */
export class RelayOperations {
  constructor(
    private readonly client: Client,
    private readonly categories: readonly string[],
  ) {}

  /** Where each relay is. */
  list() {
    return Promise.all(this.categories.map((category) => relayStanding(this.client, category)));
  }
}
