import { spawn } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import { AlreadyRunningError, ServerStartError } from './dev-stack.errors.js';
import { lastLines, openLog } from './process-log.js';
import type { Progress } from './progress.js';
import { runningSupervisor } from './stack-lock.js';
import type { StartOptions } from './run-start.js';
import type { StackSettings } from './stack-settings.js';
import { readState } from './stack-state.js';
import { waitUntil } from './wait-until.js';
import { welcome } from './welcome.js';

// As long as a first start may take that has to build the Temporal program.
const timeoutMs = 900_000;

/** Starts the supervisor as a process of its own and returns when all is ready. Its output goes to logs/supervisor.log. */
export async function startDetached(
  { root, home }: StackSettings,
  { services, only }: StartOptions,
  progress: Progress,
): Promise<void> {
  const holder = runningSupervisor(home);
  if (holder) throw new AlreadyRunningError(home, holder.pid);
  const log = openLog(home, 'supervisor');
  const from = fstatSync(log.descriptor).size;
  const choice = [...(services ? [] : ['--no-services']), ...(only === undefined ? [] : ['--only', only])];
  const args = [join(root, 'dist/tools/dev-stack/main.js'), 'start', ...choice];
  const stdio: ['ignore', number, number] = ['ignore', log.descriptor, log.descriptor];
  const child = spawn(process.execPath, args, { cwd: root, detached: true, stdio });
  closeSync(log.descriptor);
  const step = progress.step('Perdure');
  step.update(`starting (its log: ${log.file})`);
  const isSettled = await waitUntil(() => child.exitCode !== null || readState(home) !== undefined, {
    timeoutMs,
  });
  const ready = readState(home);
  if (!isSettled || !ready) {
    step.failed('failed');
    const reason = isSettled ? 'its supervisor ended' : `it is not ready after ${timeoutMs / 1_000} s`;
    throw new ServerStartError('Perdure', reason, log.file, lastLines(log.file, from));
  }
  child.unref();
  step.done('ready');
  progress.say(welcome(ready));
}
