import type { ChildProcess } from 'node:child_process';
import type { Progress, Step } from './progress.js';
import type { ReadyStack } from './stack-state.js';

/** What a detached supervisor reports to the process that started it. */
type Report =
  | { readonly kind: 'step'; readonly id: number; readonly name: string }
  | { readonly kind: keyof Step; readonly id: number; readonly detail: string }
  | { readonly kind: 'say'; readonly line: string }
  | { readonly kind: 'ready'; readonly stack: ReadyStack }
  | { readonly kind: 'error'; readonly message: string };

/** Reports to the process that started this one, for as long as that process listens. */
export function report(message: Report): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Also reports all progress to the process that started this one. */
export function reportedProgress(progress: Progress): Progress {
  let steps = 0;
  return {
    step: (name) => {
      const id = (steps += 1);
      const step = progress.step(name);
      report({ kind: 'step', id, name });
      const both = (kind: keyof Step) => (detail: string) => {
        step[kind](detail);
        report({ kind, id, detail });
      };
      return { update: both('update'), done: both('done'), failed: both('failed') };
    },
    say: (line) => {
      progress.say(line);
      report({ kind: 'say', line });
    },
    close: () => progress.close(),
  };
}

/**
 * The result of a start: a ready stack, or the exit code or signal of its process and the error
 * that it reported.
 */
type StartResult =
  | { readonly stack: ReadyStack }
  | { readonly stack?: undefined; readonly end: number | NodeJS.Signals; readonly error: string | undefined };

/** Shows the progress that a process reports until its stack is ready or the process has ended. */
export function followStart(child: ChildProcess, progress: Progress): Promise<StartResult> {
  const steps = new Map<number, Step>();
  let error: string | undefined;
  return new Promise((resolve, reject) => {
    const show = (message: Report): void => {
      if (message.kind === 'step') steps.set(message.id, progress.step(message.name));
      else if (message.kind === 'say') progress.say(message.line);
      else if (message.kind === 'error') error = message.message;
      else if (message.kind !== 'ready') steps.get(message.id)?.[message.kind](message.detail);
      else {
        child.off('message', show);
        resolve({ stack: message.stack });
      }
    };
    child.on('message', show);
    child.once('error', reject);
    // Every report has arrived once the channel is closed, which may be before or after the exit.
    const ended = (): void => {
      const end = child.exitCode ?? child.signalCode;
      if (end === null || child.connected) return;
      resolve({ end, error });
    };
    child.once('exit', ended);
    child.once('disconnect', ended);
  });
}
