import { Command } from 'commander';
import type { OperationsClient } from '../cli/operations-client.js';
import { positiveNumber } from '../cli/whole-number.js';
import { type AuditOptions, printAudit } from './audit.js';
import { listViews } from './list-views.js';
import { listParked, showParked } from './parked.js';
import { addRebuild } from './rebuild.commands.js';
import { takeUp, type TakeUpOptions } from './take-up.js';

/** `perdure views …`: what may be done with read models. */
export function viewsCommand(client: OperationsClient): Command {
  const views = new Command('views').description(
    'read models: how they are doing, and what they could not fold',
  );
  views
    .command('list')
    .description('every view: whether it is current, how far behind, how many entities are parked')
    .action(() => listViews(client));
  views
    .command('parked <view> [stream]')
    .description('what a view could not fold, and why; with a stream, the events that wait')
    .action((view: string, stream?: string) =>
      stream === undefined ? listParked(client, view) : showParked(client, view, stream),
    );
  addVerbs(views, client);
  addRebuild(views, client);
  views
    .command('audit')
    .description('what operators did, the latest first')
    .option('--events', 'with the event before, and what took its place')
    .action((options: AuditOptions) => printAudit(client, options));
  return views;
}

function addVerbs(views: Command, client: OperationsClient): void {
  const action =
    (verb: 'retry' | 'skip' | 'patch') => (view: string, stream: string, options: TakeUpOptions) =>
      takeUp(client, verb, view, stream, options);
  views
    .command('retry <view> <stream>')
    .description('folds what waits, as it is: after the projection was mended')
    .option('--reason <text>', 'for the audit')
    .action(action('retry'));
  views
    .command('skip <view> <stream>')
    .description('leaves the event that failed out of this view, and folds on')
    .requiredOption('--reason <text>', 'for the audit')
    .action(action('skip'));
  views
    .command('patch <view> <stream>')
    .description('folds other data in the place of the event that failed, in this view only')
    .requiredOption('--reason <text>', 'for the audit')
    .requiredOption('--data <json>', 'the data to fold')
    .option('--type <type>', 'another type of event')
    .option('--schema-version <number>', 'the version of the data', positiveNumber)
    .action(action('patch'));
}
