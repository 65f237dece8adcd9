import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder } from './process-record.js';
import type { StackAddresses } from './stack-addresses.js';
import { runningSupervisor } from './stack-lock.js';

/** What a ready stack publishes to other processes of this machine. */
export interface StackState {
  /** The supervisor that wrote it. */
  readonly pid: number;
  readonly addresses: StackAddresses;
  /** Whether our own services are running too. */
  readonly services: boolean;
  /** The folder with a token of each local user, if the local issuer runs. */
  readonly tokens?: string;
  /** Servers that are used but were not started by the stack. */
  readonly borrowed: readonly { readonly name: string; readonly address: string }[];
}

/** What the user learns of a ready stack. */
export type ReadyStack = Pick<StackState, 'addresses' | 'services' | 'tokens'>;

const stateFile = (home: string) => join(runFolder(home), 'ready.json');

export function writeState(home: string, state: StackState): void {
  writeFileSync(`${stateFile(home)}.new`, JSON.stringify(state, undefined, 2));
  renameSync(`${stateFile(home)}.new`, stateFile(home));
}

/** The state of the stack that runs on this home folder, or undefined until it is ready. */
export function readState(home: string): StackState | undefined {
  try {
    const state = JSON.parse(readFileSync(stateFile(home), 'utf8')) as StackState;
    // A killed supervisor leaves its state behind.
    return state.pid === runningSupervisor(home)?.pid ? state : undefined;
  } catch {
    return undefined; // none yet
  }
}

export function removeState(home: string): void {
  rmSync(stateFile(home), { force: true });
}
