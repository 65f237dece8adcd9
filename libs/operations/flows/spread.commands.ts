import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Policy } from '#contracts/access.js';
import type { SpreadProgress } from '#libs/core/flow/spread/spread.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { printLine } from '../cli/print.js';
import { allowVerb } from '../cli/verbs.js';
import { flowPath } from './flow-path.js';
import { spreadBar } from './spread-bar.js';

const LOOK_EVERY_MILLISECONDS = 1_000;
const OPEN = ['running', 'cancelling', 'lost'];

/** The contract of each flow says who may do it. */
const ANYONE: Policy = ['anyone'];

interface WatchedFlow {
  readonly status: string;
  readonly progress?: SpreadProgress;
  readonly failure?: { readonly code: string; readonly detail: string };
}

/** Adds the commands about the spreads of flows. */
export function addSpreads(flows: Command, client: OperationsClient): void {
  allowVerb(flows.command('watch <type> <id>'), ANYONE)
    .description('show how far the spread of a flow is, until the flow ends')
    .option('--once', 'only how far it is now')
    .action((type: string, id: string, { once }: { readonly once?: true }) => watch(client, type, id, once));
  const steer = (verb: string, description: string): void => {
    allowVerb(flows.command(`${verb} <type> <id>`), ANYONE)
      .description(description)
      .action((type: string, id: string) => tell(client, verb, type, id));
  };
  steer('pause', 'pause the spread of a flow: no item is handed out any more');
  steer('resume', 'continue a spread that is paused');
  steer('retry-failed', 'handle the items of a spread again that have failed or are left');
  steer('finish', 'end a spread that waits for failed items to be retried');
}

async function tell(client: OperationsClient, verb: string, type: string, id: string): Promise<void> {
  const path = `${flowPath(type, id)}/${verb}`;
  const { status } = await client.command<{ status: string }>(path, {}, randomUUID());
  printLine(status === 'accepted' ? `${type} ${id} was told` : `${type} ${id} has not answered yet`);
}

async function watch(client: OperationsClient, type: string, id: string, once = false): Promise<void> {
  const path = flowPath(type, id);
  const bar = spreadBar();
  for (;;) {
    const { status, progress, failure } = await client.read<WatchedFlow>(path);
    if (progress) bar.update(progress);
    if (once || !OPEN.includes(status)) {
      bar.stop();
      printLine(`${type} ${id} is ${status}${failure ? `: ${failure.code}: ${failure.detail}` : ''}`);
      return;
    }
    await sleep(LOOK_EVERY_MILLISECONDS);
  }
}
