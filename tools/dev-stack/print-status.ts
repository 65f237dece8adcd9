import { livingRecords } from './process-record.js';
import { residentBytes } from './process-table.js';
import { runningSupervisor } from './stack-lock.js';
import { readState } from './stack-state.js';
import type { StackSettings } from './stack-settings.js';

const megabytes = (bytes: number | undefined) =>
  bytes === undefined ? '?' : `${Math.round(bytes / 1e6)} MB`;

/** Prints what is running on a home folder. The exit code is 0 if a stack is up, 1 otherwise. */
export function printStatus({ home }: StackSettings): void {
  const supervisor = runningSupervisor(home);
  const records = livingRecords(home).toReversed();
  const state = readState(home);
  const rows = [
    ...(supervisor ? [['supervisor', supervisor.pid, megabytes(residentBytes(supervisor.pid)), home]] : []),
    ...(state?.borrowed ?? []).map(({ name, address }) => [name, '', '', address]),
    ...records.map(({ name, pid, address }) => [name, pid, megabytes(residentBytes(pid)), address]),
  ];
  const widths = [14, 9, 9, 0];
  const lines = rows.map((row) => row.map((cell, index) => String(cell).padEnd(widths[index] ?? 0)).join(''));
  const isReady = state !== undefined;
  const summary = supervisor
    ? isReady
      ? 'Perdure is running.'
      : 'Perdure is starting.'
    : 'Perdure is not running.';
  process.stdout.write(`${[...lines, summary].join('\n')}\n`);
  if (!isReady) process.exitCode = 1;
}
