import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The variable that names the home of the stack that the tests run on. */
export const testHome = 'PERDURE_TEST_HOME';

/**
 * Kills a server or service of the shared stack (`temporal`, `kafka`, `postgres`, `event-store`, `account`, `console`); the
 * stack starts it again by itself within seconds. Throws when the tests run on servers that someone else runs.
 */
export function killServer(name: string, signal: NodeJS.Signals = 'SIGKILL'): void {
  process.kill(serverPid(name), signal);
}

/** The pid of a server of the shared stack, now. */
export function serverPid(name: string): number {
  const home = process.env[testHome];
  if (!home)
    throw new Error('The servers of this run are not started by it, so they are not for it to kill.');
  const record = JSON.parse(readFileSync(join(home, 'run', `${name}.process.json`), 'utf8')) as {
    pid: number;
  };
  return record.pid;
}
