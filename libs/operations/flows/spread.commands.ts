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
