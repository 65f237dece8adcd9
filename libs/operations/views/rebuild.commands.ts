import { type Command, InvalidArgumentError } from 'commander';
import { OPERATORS } from '#contracts/access.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { positiveNumber } from '../cli/whole-number.js';
import { diffView, endRebuild, rebuildView, type RebuildOptions, throttleRebuild } from './rebuild.js';
import { allowVerb } from '../cli/verbs.js';

interface EndOptions {
  readonly reason?: string;
  readonly acceptParked?: true;
}

/** Adds the commands that rebuild a view and end a rebuild. */
export function addRebuild(views: Command, client: OperationsClient): void {
  allowVerb(views.command('rebuild <view>'), OPERATORS)
    .description('rebuild a view next to the one that serves, and report differences')
    .option(
      '--throttle <events>',
      'at most this many events per second and projector process',
      positiveNumber,
    )
    .option('--reason <text>', 'for the audit')
    .option('--switch', 'switch to it once it has caught up')
    .option('--dry-run', 'report, then remove it')
    .action((view: string, options: RebuildOptions) => rebuildView(client, view, options));
  allowVerb(views.command('throttle <view>'), OPERATORS)
    .description('change how fast a view is rebuilt')
    .argument('<events>', 'events per second and process, or "none"', rateOf)
    .action((view: string, rate: number | null) => throttleRebuild(client, view, rate));
  allowVerb(views.command('diff <view>'), OPERATORS)
    .description('show the differences between the view that serves and the one that is being rebuilt')
    .option('--samples <rows>', 'number of rows to show of each table', '5')
    .action((view: string, { samples }: { samples: string }) => diffView(client, view, samples));
  addEnds(views, client);
}

/** `null` removes the limit, so only the word may produce it. */
function rateOf(text: string): number | null {
  if (text === 'none') return null;
  try {
    return positiveNumber(text);
  } catch {
    throw new InvalidArgumentError('It has to be a whole number above zero, or "none".');
  }
}

function addEnds(views: Command, client: OperationsClient): void {
  const action = (verb: 'switch' | 'rollback' | 'cancel') => (view: string, options: EndOptions) =>
    endRebuild(client, verb, view, options);
  allowVerb(views.command('switch <view>'), OPERATORS)
    .description('switch to the view that was rebuilt')
    .option('--accept-parked', 'even if it has parked entities that the serving view shows')
    .option('--reason <text>', 'for the audit')
    .action(action('switch'));
  allowVerb(views.command('rollback <view>'), OPERATORS)
    .description('switch back to the view that served before')
    .option('--reason <text>', 'for the audit')
    .action(action('rollback'));
  allowVerb(views.command('cancel <view>'), OPERATORS)
    .description('cancel a rebuild and remove what it has written')
    .option('--reason <text>', 'for the audit')
    .action(action('cancel'));
}
