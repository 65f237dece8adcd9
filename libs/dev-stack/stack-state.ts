import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder } from './process-record.js';
import type { StackAddresses } from './stack-addresses.js';

/** What a ready stack tells other processes of this machine. */
export interface StackState {
  readonly addresses: StackAddresses;
}

const stateFile = (home: string) => join(runFolder(home), 'ready.json');

export function writeState(home: string, state: StackState): void {
  writeFileSync(`${stateFile(home)}.new`, JSON.stringify(state, undefined, 2));
  renameSync(`${stateFile(home)}.new`, stateFile(home));
}

/** The state of the stack on this home; undefined until it is ready. A killed supervisor leaves it behind. */
export function readState(home: string): StackState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(home), 'utf8')) as StackState;
  } catch {
    return undefined; // not ready, or not running
  }
}

export function removeState(home: string): void {
  rmSync(stateFile(home), { force: true });
}
