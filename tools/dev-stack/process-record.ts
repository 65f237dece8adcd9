import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, processStart, type ProcessIdentity } from './process-table.js';

/**
 * A process started by the stack, as recorded in `<home>/run/<name>.json`. The record outlives a
 * killed supervisor.
 */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
  readonly address: string;
  /** Processes are stopped from the highest to the lowest. */
  readonly order: number;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
}

export function runFolder(home: string): string {
  return join(home, 'run');
}

const recordFile = (home: string, name: string) => join(runFolder(home), `${name}.process.json`);

/**
 * Records a process that has just started. Synchronous: nothing may come between the start and its
 * record.
 */
export function writeRecord(home: string, record: Omit<ProcessRecord, 'startedAt'>): void {
  const startedAt = processStart(record.pid);
  if (startedAt === undefined) return; // it has already ended
  mkdirSync(runFolder(home), { recursive: true });
  const file = recordFile(home, record.name);
  writeFileSync(`${file}.new`, JSON.stringify({ ...record, startedAt }));
  renameSync(`${file}.new`, file);
}

export function removeRecord(home: string, name: string): void {
  rmSync(recordFile(home, name), { force: true });
}

/** The running processes of this home folder, in the order in which to stop them. */
export function livingRecords(home: string): ProcessRecord[] {
  return recordNames(home)
    .flatMap((name) => {
      const record = readRecord(home, name);
      return record !== undefined && isAlive(record) ? [record] : [];
    })
    .toSorted((a, b) => b.order - a.order);
}

function recordNames(home: string): string[] {
  try {
    return readdirSync(runFolder(home)).flatMap((file) => /^(.+)\.process\.json$/.exec(file)?.[1] ?? []);
  } catch {
    return []; // nothing has run here yet
  }
}

/** The record of one process, running or not. */
export function readRecord(home: string, name: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(home, name), 'utf8')) as ProcessRecord;
  } catch {
    return undefined; // none, or incomplete
  }
}
