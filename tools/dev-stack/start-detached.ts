import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import { AlreadyRunningError, DevStackError, ServerStartError } from './dev-stack.errors.js';
import { lastLines, openLog } from './process-log.js';
import type { Progress } from './progress.js';
import { followStart } from './reported-progress.js';
import { runningSupervisor } from './stack-lock.js';
import type { StartOptions } from './run-start.js';
import type { StackSettings } from './stack-settings.js';
import { welcome } from './welcome.js';

/** Long enough for a first start, which may have to build Temporal. */
const timeoutMs = 900_000;

/**
 * Starts the supervisor as a process of its own, shows its progress, and returns once everything is
 * ready. Ctrl-C cancels it. The supervisor also writes its output to logs/supervisor.log.
 */
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
  const stdio: ['ignore', number, number, 'ipc'] = ['ignore', log.descriptor, log.descriptor, 'ipc'];
  const child = spawn(process.execPath, args, { cwd: root, detached: true, stdio });
  closeSync(log.descriptor);
  const stopListening = cancelWhenAsked(child);
  const result = await followStart(child, progress);
  const reason = stopListening();
  if (result.stack) {
    child.disconnect();
    child.unref();
    progress.close();
    return progress.say(welcome(result.stack, 'Run npm stop'));
  }
  const { end, error } = result;
  if (error !== undefined) throw new DevStackError(error);
  if (reason === 'user' || (reason === undefined && end === 0)) {
    process.exitCode = 1;
    if (end !== 0) progress.say('Stopped.'); // it was not yet listening to signals
    return;
  }
  const why = reason ? `it was not ready after ${timeoutMs / 1_000} s` : `its supervisor ended (${end})`;
  throw new ServerStartError('Perdure', why, log.file, lastLines(log.file, from));
}

/**
 * Stops the child at Ctrl-C or when the time is up. Returns a function that ends this and tells
 * what stopped the child, if anything did.
 */
function cancelWhenAsked(child: ChildProcess): () => 'user' | 'time' | undefined {
  let reason: 'user' | 'time' | undefined;
  const cancel = (why: 'user' | 'time') => (): void => {
    reason ??= why;
    child.kill('SIGTERM'); // it stops whatever it has started
  };
  const onSignal = cancel('user');
  const timer = setTimeout(cancel('time'), timeoutMs);
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return () => {
    clearTimeout(timer);
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    return reason;
  };
}
