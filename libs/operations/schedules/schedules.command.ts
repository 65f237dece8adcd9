import { Command, type CommandOptions } from 'commander';
import { OPERATORS } from '#contracts/access.js';
import type { OperationsClient } from '../cli/operations-client.js';
import { printLine, printTable } from '../cli/print.js';
import { allowVerb } from '../cli/verbs.js';
import type { ScheduleItem, ScheduleView } from './schedules.schemas.js';

interface Reason {
  readonly reason?: string;
}

interface Trigger extends Reason {
  readonly overlap?: string;
}

interface Backfill extends Trigger {
  readonly from: string;
  readonly to: string;
}

const OVERLAP = ['--overlap <policy>', 'skip, buffer-one, buffer-all, cancel-other or allow-all'] as const;

/** `schedules`: shows what starts flows at certain times, and lets operators intervene. */
export function schedulesCommand(client: OperationsClient): Command {
  const schedules = new Command('schedules').description('show, pause, resume and run schedules');
  const verb = (usage: string, description: string, options: CommandOptions = {}) =>
    allowVerb(schedules.command(usage, options), OPERATORS).description(description);
  verb('list', 'list the schedules of all services', { isDefault: true }).action(() => listSchedules(client));
  verb('show <schedule>', 'show a schedule, its last runs, and what operators did to it').action(
    (schedule: string) => showSchedule(client, schedule),
  );
  verb('pause <schedule>', 'start no flows until it is resumed')
    .requiredOption('--reason <text>', 'why')
    .action(async (schedule: string, body: Reason) => {
      await client.act(pathOf(schedule, 'pause'), body);
      printLine(`${schedule} is paused`);
    });
  verb('resume <schedule>', 'start flows again')
    .option('--reason <text>', 'why')
    .action(async (schedule: string, body: Reason) => {
      const { next } = await client.act<ScheduleItem>(pathOf(schedule, 'resume'), body);
      printLine(`${schedule} is resumed; next at ${next[0] ?? '–'}`);
    });
  verb('trigger <schedule>', 'start a flow now')
    .option(...OVERLAP)
    .option('--reason <text>', 'why')
    .action(async (schedule: string, body: Trigger) => {
      await client.act(pathOf(schedule, 'trigger'), body);
      printLine(`${schedule} was triggered; \`schedules show ${schedule}\` lists what comes of it`);
    });
  verb('backfill <schedule>', 'start the flows of times that have passed and had none')
    .requiredOption('--from <time>', 'such as 2026-11-01T00:00:00Z')
    .requiredOption('--to <time>', 'not in the future')
    .option(...OVERLAP)
    .option('--reason <text>', 'why')
    .action((schedule: string, body: Backfill) => backfill(client, schedule, body));
  return schedules;
}

async function listSchedules(client: OperationsClient): Promise<void> {
  const { data } = await client.read<{ readonly data: readonly ScheduleItem[] }>('schedules');
  printTable(
    ['schedule', 'times', 'zone', 'next', 'running', 'started', 'missed', 'skipped', 'paused'],
    data.map(({ schedule, times, timeZone, next, running, started, missed, skipped, paused }) => {
      const why = paused && [paused.by, paused.reason].filter(Boolean).join(': ');
      return [schedule, times.join('; '), timeZone, next[0], running, started, missed, skipped, why];
    }),
  );
}

async function showSchedule(client: OperationsClient, schedule: string): Promise<void> {
  const view = await client.read<ScheduleView>(pathOf(schedule));
  const { type, times, timeZone, overlap, catchUpWindow, paused, next } = view;
  printLine(`${schedule} starts ${type} ${times.join(' and ')} (${timeZone})`);
  printLine(`overlap ${overlap}, catches up ${catchUpWindow}, next ${next.join(', ') || '–'}`);
  if (paused) printLine(`paused by ${paused.by ?? 'somebody in Temporal'}: ${paused.reason}`);
  printLine(`${view.started} started, ${view.missed} missed, ${view.skipped} skipped`);
  printLine();
  printTable(
    ['scheduled', 'started', 'flow', 'status', 'failure'],
    view.runs.map(({ scheduledAt, startedAt, flow, status, failure }) => {
      return [scheduledAt, startedAt, flow, status, failure];
    }),
  );
  if (view.actions.length === 0) return;
  printLine();
  printTable(
    ['at', 'operator', 'verb', 'reason'],
    view.actions.map(({ at, operator, verb, reason }) => [at, operator, verb, reason]),
  );
}

async function backfill(client: OperationsClient, schedule: string, body: Backfill): Promise<void> {
  const { times } = await client.act<{ readonly times: readonly string[] }>(
    pathOf(schedule, 'backfill'),
    body,
  );
  if (times.length === 0) printLine(`${schedule} has no times from ${body.from} to ${body.to}`);
  for (const time of times) printLine(`${time} is run, unless it was before`);
}

function pathOf(schedule: string, verb?: string): string {
  const path = `schedules/${encodeURIComponent(schedule)}`;
  return verb === undefined ? path : `${path}/${verb}`;
}
