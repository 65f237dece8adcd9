import { type Command, InvalidArgumentError } from 'commander';
import type { OperationsClient } from '../cli/operations-client.js';
import { positiveNumber } from '../cli/whole-number.js';
import { diffView, endRebuild, rebuildView, type RebuildOptions, throttleRebuild } from './rebuild.js';

interface EndOptions {
  readonly reason?: string;
  readonly acceptParked?: true;
}

/** Adds what fills a view anew, and what ends that. */
export function addRebuild(views: Command, client: OperationsClient): void {
  views
    .command('rebuild <view>')
    .description('fills a view anew beside the one that serves, and reports what differs')
    .option('--throttle <events>', 'at most so many events a second and projector process', positiveNumber)
    .option('--reason <text>', 'for the audit')
    .option('--switch', 'let it serve once it has caught up')
    .option('--dry-run', 'report, then remove it')
    .action((view: string, options: RebuildOptions) => rebuildView(client, view, options));
  views
    .command('throttle <view>')
    .description('changes how fast a view is filled')
    .argument('<events>', 'events a second and process, or "none"', rateOf)
    .action((view: string, rate: number | null) => throttleRebuild(client, view, rate));
  views
    .command('diff <view>')
    .description('what differs between the view that serves and the one that is being filled')
    .option('--samples <rows>', 'how many rows of each table are shown', '5')
    .action((view: string, { samples }: { samples: string }) => diffView(client, view, samples));
  addEnds(views, client);
}

/** `null` takes the limit away: nothing but the word may come to that. */
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
  views
    .command('switch <view>')
    .description('lets the view that was filled serve')
    .option('--accept-parked', 'though it has parked what the one that serves shows')
    .option('--reason <text>', 'for the audit')
    .action(action('switch'));
  views
    .command('rollback <view>')
    .description('lets the view that served before the switch serve again')
    .option('--reason <text>', 'for the audit')
    .action(action('rollback'));
  views
    .command('cancel <view>')
    .description('ends a rebuild and removes what it has filled')
    .option('--reason <text>', 'for the audit')
    .action(action('cancel'));
}
