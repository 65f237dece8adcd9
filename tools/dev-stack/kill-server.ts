import { DevStackError } from './dev-stack.errors.js';
import { readRecord } from './process-record.js';

/** The variable that names the home of the stack that the tests run on. */
export const testHome = 'PERDURE_TEST_HOME';

/**
 * Kills a server or service of the shared stack (`temporal`, `kafka`, `postgres`, `event-store`, `account`, `console`); the
 * stack starts it again by itself within seconds. Throws when it is not running now, or when the tests run on servers that
 * someone else runs.
 */
export function killServer(name: string, signal: NodeJS.Signals = 'SIGKILL'): void {
  const home = process.env[testHome];
  if (!home)
    throw new DevStackError('The servers of this run are not started by it, so they are not for it to kill.');
  const record = readRecord(home, name);
  if (!record) throw new DevStackError(`${name} is not running now.`);
  process.kill(record.pid, signal);
}
