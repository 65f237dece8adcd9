import type { OperationsClient } from '../cli/operations-client.js';
import { printTable } from '../cli/print.js';
import { allViews } from './views.js';

/** Prints the state of every view. */
export async function listViews(client: OperationsClient): Promise<void> {
  const rows = (await allViews(client)).map(({ service, view, state, lag, parkedEntities }) => {
    return [view, service, state, lag, parkedEntities];
  });
  printTable(['view', 'service', 'state', 'lag', 'parked'], rows);
}
