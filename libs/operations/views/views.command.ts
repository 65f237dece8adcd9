import { Command } from 'commander';
import { OPERATORS } from '#contracts/access.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { positiveNumber } from '../cli/whole-number.js';
import { type AuditOptions, printAudit } from './audit.js';
import { listViews } from './list-views.js';
import { listParked, showParked } from './parked.js';
import { addRebuild } from './rebuild.commands.js';
import { takeUp, type TakeUpOptions } from './take-up.js';
import { allowVerb } from '../cli/verbs.js';

/** `perdure views …`: operations on read models. */
export function viewsCommand(client: OperationsClient): Command {
  const views = new Command('views').description('read models: their state, and what they could not fold');
  allowVerb(views.command('list'), OPERATORS)
    .description('list every view: whether it is current, its lag, and the number of parked entities')
    .action(() => listViews(client));
  allowVerb(views.command('parked <view> [stream]'), OPERATORS)
    .description('list what a view could not fold, and why; with a stream, its pending events')
    .action((view: string, stream?: string) =>
      stream === undefined ? listParked(client, view) : showParked(client, view, stream),
    );
  addVerbs(views, client);
  addRebuild(views, client);
  allowVerb(views.command('audit'), OPERATORS)
    .description('list the actions of operators, latest first')
    .option('--events', 'with the event before, and what took its place')
    .action((options: AuditOptions) => printAudit(client, options));
  return views;
}

function addVerbs(views: Command, client: OperationsClient): void {
  const action =
    (verb: 'retry' | 'skip' | 'patch') => (view: string, stream: string, options: TakeUpOptions) =>
      takeUp(client, verb, view, stream, options);
  allowVerb(views.command('retry <view> <stream>'), OPERATORS)
    .description('fold the pending events unchanged, after the projection was fixed')
    .option('--reason <text>', 'for the audit')
    .action(action('retry'));
  allowVerb(views.command('skip <view> <stream>'), OPERATORS)
    .description('skip the event that failed, in this view, and continue')
    .requiredOption('--reason <text>', 'for the audit')
    .action(action('skip'));
  allowVerb(views.command('patch <view> <stream>'), OPERATORS)
    .description('replace the data of the event that failed, in this view only, and continue')
    .requiredOption('--reason <text>', 'for the audit')
    .requiredOption('--data <json>', 'the data to fold')
    .option('--type <type>', 'another event type')
    .option('--schema-version <number>', 'the version of the data', positiveNumber)
    .action(action('patch'));
}
