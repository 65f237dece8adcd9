import { spawn } from 'node:child_process';
import { CommandFailedError } from './dev-stack.errors.js';
import { killGroup } from './signal-group.js';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  readonly signal?: AbortSignal;
  /** Some tools print their result on standard error. */
  readonly mergeOutput?: boolean;
  /** Called with the pid of the tool as soon as it has one. */
  readonly onStart?: (pid: number) => void;
}

const keptLines = 15;

/**
 * Runs a tool to its end and returns its standard output. Rejects with {@link CommandFailedError},
 * which has its last lines. If `signal` aborts, kills the tool and all its children.
 */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { signal, env = process.env, mergeOutput = false, onStart, ...rest } = options;
  const title = [file, ...args].join(' ');
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // In its own process group, so that a compiler's children end with it.
    const child = spawn(file, args, { ...rest, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined) onStart?.(child.pid);
    const abort = () => {
      if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL');
    };
    signal?.addEventListener('abort', abort, { once: true });
    let stdout = '';
    let all = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      all += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (all += chunk));
    child.once('error', (error) => reject(new CommandFailedError(title, error.message, '')));
    child.once('close', (code, killedBy) => {
      signal?.removeEventListener('abort', abort);
      if (code === 0) return resolve(mergeOutput ? all : stdout);
      if (signal?.aborted) return reject(signal.reason as Error);
      const lastLines = all.trim().split('\n').slice(-keptLines).join('\n');
      return reject(new CommandFailedError(title, killedBy ?? `exit code ${code}`, lastLines));
    });
  });
}
