import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { OPERATORS } from '#contracts/access.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { OperatorError } from '../cli/operator.errors.js';
import { printLine, printTable } from '../cli/print.js';
import { allowVerb } from '../cli/verbs.js';
import type { ListedProcess, Order, OrderVerb, WorkerReport } from './workers.schemas.js';

/** A process reports every 3 s. */
const AGAIN_MILLISECONDS = 1_000;
/** How long to wait until nothing is under way any more. */
const DRAIN_MILLISECONDS = 600_000;

interface OrderOptions {
  readonly reason?: string;
}

/** `workers`: the processes of all services with their workers, and orders to them. */
export function workersCommand(client: OperationsClient): Command {
  const workers = new Command('workers').description('processes and their workers: state, load, restarts');
  allowVerb(workers.command('list', { isDefault: true }), OPERATORS)
    .description('list every process and its workers')
    .action(async () => printProcesses(await processesOf(client)));
  addOrder(workers, client, 'pause', 'stop workers from taking up work, until they are resumed');
  addOrder(workers, client, 'resume', 'let workers take up work again');
  addOrder(workers, client, 'drain', 'pause, and wait until nothing is under way');
  allowVerb(workers.command('acknowledge <process>'), OPERATORS)
    .description('say that its failures so far were seen: the overview names them no more')
    .option('--reason <text>', 'for the list of orders')
    .action((process: string, options: OrderOptions) => acknowledge(client, process, options));
  allowVerb(workers.command('orders'), OPERATORS)
    .description('list the orders of operators, latest first')
    .action(() => printOrders(client));
  return workers;
}

function addOrder(workers: Command, client: OperationsClient, verb: OrderVerb, description: string): void {
  allowVerb(workers.command(`${verb} <process>`), OPERATORS)
    .description(`${description}; <process> is a name or an id, or <process>/<worker>`)
    .option('--reason <text>', 'for the list of orders')
    .action((target: string, { reason }: OrderOptions) => give(client, verb, target, reason));
}

async function acknowledge(
  client: OperationsClient,
  process: string,
  { reason }: OrderOptions,
): Promise<void> {
  const path = `workers/${encodeURIComponent(process)}/acknowledge`;
  const body = { ...(reason !== undefined && { reason }) };
  const { processes } = await client.command<{ readonly processes: readonly string[] }>(
    path,
    body,
    randomUUID(),
  );
  printLine(`acknowledged: ${processes.join(', ')}`);
}

async function processesOf(client: OperationsClient): Promise<readonly ListedProcess[]> {
  return (await client.read<{ readonly data: readonly ListedProcess[] }>('workers')).data;
}

async function give(
  client: OperationsClient,
  verb: OrderVerb,
  target: string,
  reason: string | undefined,
): Promise<void> {
  const [process = '', worker] = target.split('/', 2);
  const body = { ...(worker !== undefined && { worker }), ...(reason !== undefined && { reason }) };
  const path = `workers/${encodeURIComponent(process)}/${verb}`;
  const given = client.command<{ readonly processes: readonly string[] }>(path, body, randomUUID());
  const { processes } = await given;
  printLine(`${verb}: ${processes.join(', ')}; carried out within 3 s`);
  if (verb === 'drain') await drained(client, processes, worker);
}

async function drained(
  client: OperationsClient,
  ids: readonly string[],
  worker: string | undefined,
): Promise<void> {
  const deadline = Date.now() + DRAIN_MILLISECONDS;
  for (;;) {
    const concerned = (await processesOf(client)).filter(({ id }) => ids.includes(id));
    const left = concerned
      .filter(({ state }) => state !== 'ended' && state !== 'silent')
      .flatMap(({ workers }) => workers)
      .filter((one) => (worker ?? one.worker) === one.worker && one.state !== 'paused');
    if (left.length === 0) return printLine('drained: nothing is under way');
    if (Date.now() > deadline) {
      throw new OperatorError(`still under way: ${left.map((one) => one.worker).join(', ')}`);
    }
    await pause(AGAIN_MILLISECONDS);
  }
}

function printProcesses(processes: readonly ListedProcess[]): void {
  printTable(
    [
      'process',
      'worker',
      'state',
      'restarts',
      'slots in use',
      'queue',
      'in memory',
      'up for',
      'last failure',
    ],
    processes.flatMap((process) => [
      [
        process.id,
        `${process.service}${process.build === undefined ? '' : ` (${process.build})`}: ${process.roles.join(', ')}`,
        process.state,
        process.restarts,
        undefined,
        undefined,
        megabytes(process),
        duration(Date.parse(process.heardAt) - Date.parse(process.startedAt)),
        failureOf(process),
      ],
      ...process.workers.map((worker) => [
        undefined,
        worker.worker,
        worker.state,
        worker.restarts,
        slotsOf(worker),
        worker.backlog,
        worker.cache && `${worker.cache.used}/${worker.cache.total}`,
        undefined,
        failureOf(worker),
      ]),
    ]),
  );
}

function slotsOf({ slots: { workflowTasks, localActivities, activities } }: WorkerReport): string {
  const each = [workflowTasks, localActivities, activities];
  return each.flatMap((slot) => (slot ? [`${slot.used}/${slot.total}`] : [])).join(' ');
}

function megabytes({ memoryBytes, memoryLimitBytes }: ListedProcess): string {
  const whole = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  return memoryLimitBytes === undefined
    ? whole(memoryBytes)
    : `${whole(memoryBytes)} of ${whole(memoryLimitBytes)}`;
}

function duration(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} d`;
}

function failureOf({ lastFailure }: Pick<WorkerReport, 'lastFailure'>): string | undefined {
  return lastFailure && `${lastFailure.at} ${lastFailure.reason.slice(0, 120)}`;
}

async function printOrders(client: OperationsClient): Promise<void> {
  const { data } = await client.read<{ readonly data: readonly Order[] }>('workers/orders');
  printTable(
    ['at', 'operator', 'verb', 'process', 'worker', 'carried out', 'reason'],
    data.map(({ at, operator, verb, process, worker, obeyedAt, reason }) => {
      return [at, operator, verb, process, worker, obeyedAt, reason];
    }),
  );
}
