import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlreadyRunningError } from './dev-stack.errors.js';
import { runFolder } from './process-record.js';
import { isAlive, processStart, type ProcessIdentity } from './process-table.js';

const lockFile = (home: string) => join(runFolder(home), 'supervisor.json');

/** The process that currently runs the stack of this home folder. */
export function runningSupervisor(home: string): ProcessIdentity | undefined {
  const holder = readHolder(lockFile(home));
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/**
 * Makes this process the only supervisor of a home folder, or throws {@link AlreadyRunningError}.
 * Returns a function to release it.
 */
export function lockStack(home: string): () => void {
  mkdirSync(runFolder(home), { recursive: true });
  const file = lockFile(home);
  const self = { pid: process.pid, startedAt: processStart(process.pid) };
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(self), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!isExisting(error)) throw error;
    }
    const holder = runningSupervisor(home);
    if (holder !== undefined) throw new AlreadyRunningError(home, holder.pid);
    // The rename lets only one of several starts remove the stale lock.
    const stale = `${file}.stale-${process.pid}`;
    try {
      renameSync(file, stale);
    } catch {
      continue; // another start did
    }
    const taken = readHolder(stale);
    rmSync(stale, { force: true });
    if (taken !== undefined && isAlive(taken)) throw new AlreadyRunningError(home, taken.pid);
  }
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined; // none, or truncated by a kill
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
