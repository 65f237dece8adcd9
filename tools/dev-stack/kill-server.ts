import { DevStackError } from './dev-stack.errors.js';
import { readRecord } from './process-record.js';

/** The variable with the home folder of the stack that the tests use. */
export const testHome = 'PERDURE_TEST_HOME';

/**
 * Kills a server or service of the shared stack (`temporal`, `kafka`, `postgres`, `event-store`,
 * `account`, `console`), which the stack restarts within seconds. Throws if it is not running, or
 * if the tests use external servers.
 */
export function killServer(name: string, signal: NodeJS.Signals = 'SIGKILL'): void {
  const home = process.env[testHome];
  if (!home) throw new DevStackError('This run uses external servers, which it must not kill.');
  const record = readRecord(home, name);
  if (!record) throw new DevStackError(`${name} is not running.`);
  process.kill(record.pid, signal);
}
