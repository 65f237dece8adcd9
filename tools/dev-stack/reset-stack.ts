import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DevStackError } from './dev-stack.errors.js';
import type { Progress } from './progress.js';
import { runningSupervisor } from './stack-lock.js';
import { stopLeftovers } from './stop-leftovers.js';

/** Empties a home folder. Refuses while its stack is running. */
export async function resetStack(home: string, progress: Progress): Promise<void> {
  const supervisor = runningSupervisor(home);
  if (supervisor) {
    throw new DevStackError(
      `Perdure is running (pid ${supervisor.pid}): stop it first (npm stop), then reset.`,
    );
  }
  await stopLeftovers(home, progress);
  for (const entry of entriesOf(home)) rmSync(join(home, entry), { recursive: true, force: true });
  progress.say(`${home} is empty.`);
  progress.close();
}

/**
 * Only what the stack itself creates there: a wrong PERDURE_HOME must not cost anyone their files.
 */
const ours = new Set([
  'blobs',
  'kafka',
  'link-secret',
  'logs',
  'postgres',
  'postgres.new',
  'postgres.password',
  'run',
  'sandbox',
  'secrets',
  'temporal',
  'tokens',
  'webhook-secret',
]);

function entriesOf(home: string): string[] {
  try {
    return readdirSync(home).filter((entry) => ours.has(entry));
  } catch {
    return []; // no such folder
  }
}
