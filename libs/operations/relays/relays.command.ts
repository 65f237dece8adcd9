import { Command } from 'commander';
import { OPERATORS } from '#contracts/access.js';
import { askEach } from '../cli/ask-each.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { printTable } from '../cli/print.js';
import { allowVerb } from '../cli/verbs.js';

interface Relay {
  readonly category: string;
  readonly state: string;
  readonly position?: string;
  readonly behindSeconds?: number | null;
  readonly eventsPerSecond?: number;
  readonly failure?: string;
}

/** `relays`: position, lag and rate of each relay. */
export function relaysCommand(client: OperationsClient): Command {
  return allowVerb(new Command('relays'), OPERATORS)
    .description('show the position, lag and rate of each relay')
    .action(() => listRelays(client));
}

async function listRelays(client: OperationsClient): Promise<void> {
  const each = await askEach((service) => client.get<{ readonly data: readonly Relay[] }>(service, 'relays'));
  const relays = each.flatMap(({ data }) => data);
  printTable(
    ['relay', 'state', 'position', 'seconds behind', 'events/s', 'failure'],
    relays.map(({ category, state, position, behindSeconds, eventsPerSecond, failure }) => {
      return [category, state, position, behindSeconds ?? undefined, eventsPerSecond, failure];
    }),
  );
}
