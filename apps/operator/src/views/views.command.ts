import { Command } from 'commander';
import type { OperationsClient } from '../operations-client.js';
import { listViews } from './list-views.js';

/** `perdure views …`: what may be done with read models. */
export function viewsCommand(client: OperationsClient): Command {
  const views = new Command('views').description(
    'read models: how they are doing, and what they could not fold',
  );
  views
    .command('list')
    .description('every view: whether it is current, how far behind, how many entities are parked')
    .action(() => listViews(client));
  return views;
}
