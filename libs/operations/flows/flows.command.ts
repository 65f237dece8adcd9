import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { eachOf } from '#libs/runtime/each-of.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { OperatorError } from '../cli/operator.errors.js';
import { printLine, printTable, printTrouble } from '../cli/print.js';
import { flowCommands } from '#contracts/flow/flow.commands.js';
import { allowVerb } from '../cli/verbs.js';
import { FLOW_READERS } from '../policies.js';
import { flowPath, tenantQuery } from './flow-path.js';
import { addSpreads } from './spread.commands.js';

/** Rows to read at a time, and flows to restart at the same time. */
const PAGE = 100;
const AT_ONCE = 8;

/** More than anybody reads. */
const MAX_LISTED = 1_000;

interface NamedFlow {
  /** Undefined: that of the caller. */
  readonly tenant: string | undefined;
  readonly type: string;
  readonly id: string;
}

interface ListedFlow extends NamedFlow {
  readonly status: string;
  readonly waitsFor?: string;
  readonly waitUntil?: string;
  readonly failure?: string;
  readonly startedAt: string;
}

interface Page {
  readonly data: readonly ListedFlow[];
  readonly nextCursor?: string;
}

interface Filter {
  readonly tenant?: string;
  readonly type?: string;
  readonly status?: string;
  readonly stuck?: true;
}

interface RestartOptions {
  readonly tenant?: string;
  readonly all?: true;
  readonly dryRun?: true;
}

/** `flows`: lists flows, restarts lost ones, and steers their spreads. */
export function flowsCommand(client: OperationsClient): Command {
  const flows = new Command('flows').description('list flows, restart flows that were lost, steer spreads');
  allowVerb(flows.command('list'), FLOW_READERS)
    .description('list flows')
    .option('--status <status>', 'running, cancelling, lost, completed, failed or cancelled')
    .option('--type <type>', 'such as cardPayment')
    .option('--tenant <tenant>', 'of one tenant only, for operators, who see those of all')
    .option('--stuck', 'those with a compensation that failed')
    .action((filter: Filter) => listFlows(client, filter));
  allowVerb(flows.command('restart [type] [id]'), flowCommands.Restart.allow)
    .description('restart a flow that was lost, or all of a type, or all')
    .option('--all', 'all that are lost (of the type, if one is given)')
    .option('--tenant <tenant>', 'in which tenant; with --all, of this one only')
    .option('--dry-run', 'only show which')
    .action((type: string | undefined, id: string | undefined, options: RestartOptions) =>
      restart(client, type, id, options),
    );
  addSpreads(flows, client);
  return flows;
}

async function listFlows(client: OperationsClient, filter: Filter): Promise<void> {
  const rows: ListedFlow[] = [];
  for await (const row of flowsIn(client, filter)) {
    if (rows.length === MAX_LISTED) {
      printTrouble(`There are more than ${MAX_LISTED}: name a type or a status.`);
      break;
    }
    rows.push(row);
  }
  printTable(
    ['tenant', 'type', 'id', 'status', 'waits for', 'until', 'failure', 'started'],
    rows.map(({ tenant, type, id, status, waitsFor, waitUntil, failure, startedAt }) => {
      return [tenant, type, id, status, waitsFor, waitUntil, failure, startedAt];
    }),
  );
}

async function restart(
  client: OperationsClient,
  type: string | undefined,
  id: string | undefined,
  { all, dryRun, tenant }: RestartOptions,
): Promise<void> {
  if (all ? id !== undefined : type === undefined || id === undefined) {
    throw new OperatorError('Name a type and an id, or --all.');
  }
  const filter = { ...(type !== undefined && { type }), ...(tenant !== undefined && { tenant }) };
  const chosen = all ? lostFlows(client, filter) : [[{ tenant, type: type ?? '', id: id ?? '' }]];
  let restarted = 0;
  let failed = 0;
  for await (const page of chosen) {
    if (dryRun) for (const flow of page) printLine(`${nameOf(flow)} would be restarted`);
    else
      await eachOf(page, AT_ONCE, async (flow) => {
        if (await isRestarted(client, flow)) restarted += 1;
        else failed += 1;
      });
  }
  if (all && !dryRun) printLine(`${restarted} restarted, ${failed} not restarted`);
}

/** By pages, so that any number can be restarted. */
async function* lostFlows(client: OperationsClient, filter: Filter): AsyncGenerator<readonly ListedFlow[]> {
  let page: ListedFlow[] = [];
  for await (const flow of flowsIn(client, { status: 'lost', ...filter })) {
    page.push(flow);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  yield page;
}

/** Prints what came of it. */
async function isRestarted(client: OperationsClient, flow: NamedFlow): Promise<boolean> {
  const { tenant, type, id } = flow;
  const path = `${flowPath(type, id)}/restart${tenantQuery(tenant)}`;
  try {
    const { status } = await client.command<{ status: string }>(path, {}, randomUUID());
    const isKnown = status === 'accepted';
    if (isKnown) printLine(`${nameOf(flow)} was restarted`);
    else printTrouble(`${nameOf(flow)} has not answered yet and may be restarted later: look again`);
    return isKnown;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    printTrouble(`${nameOf(flow)} was not restarted: ${error.message}`);
    return false;
  }
}

async function* flowsIn(client: OperationsClient, filter: Filter): AsyncGenerator<ListedFlow> {
  let cursor: string | undefined;
  do {
    const query = Object.entries({ ...filter, limit: PAGE, cursor }).flatMap(
      ([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]),
    );
    const page = await client.read<Page>(`flows?${new URLSearchParams(query).toString()}`);
    yield* page.data;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

function nameOf({ tenant, type, id }: NamedFlow): string {
  return `${type} ${id}${tenant === undefined ? '' : ` of ${tenant}`}`;
}
