import { DevStackError } from './dev-stack.errors.js';
import { livingRecords } from './process-record.js';
import { isAlive } from './process-table.js';
import type { Progress } from './progress.js';
import { killOne } from './signal-group.js';
import { runningSupervisor } from './stack-lock.js';
import { stopLeftovers } from './stop-leftovers.js';
import { waitUntil } from './wait-until.js';

const timeoutMs = 120_000;

/**
 * Stops the stack of a home folder, no matter who started it, and what a killed supervisor has
 * left.
 */
export async function stopStack(home: string, progress: Progress): Promise<void> {
  const supervisor = runningSupervisor(home);
  if (supervisor) {
    const step = progress.step('Perdure');
    step.update(
      `stopping (pid ${supervisor.pid}): ${livingRecords(home)
        .map(({ name }) => name)
        .join(', ')}`,
    );
    killOne(supervisor.pid, 'SIGTERM');
    const isGone = await waitUntil(() => !isAlive(supervisor), { timeoutMs });
    if (!isGone)
      throw new DevStackError(
        `Perdure (pid ${supervisor.pid}) has not stopped within ${timeoutMs / 1_000} s.`,
      );
    step.done('stopped');
  }
  const leftovers = await stopLeftovers(home, progress);
  if (!supervisor && leftovers === 0) progress.say('Perdure is not running.');
  progress.close();
}
