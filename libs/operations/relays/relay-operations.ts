import type { Client } from '@temporalio/client';
import { relayStandings } from './relay-standing.js';

/** What operators can ask about the relay of a service. */
export class RelayOperations {
  constructor(
    private readonly client: Client,
    private readonly service: string,
    private readonly categories: readonly string[],
  ) {}

  /** Where the relay is with each category. */
  list() {
    return relayStandings(this.client, this.service, this.categories);
  }
}
