import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Answer, Question } from './home.js';
import type { WorkersHome } from './workers-home.js';

const PROGRAM = 'dist/test/workflow/sagas/mortal-workers.process.js';

/**
 * The workers of all services in a process that only SIGKILL ends. What they request of `home`
 * outlives it.
 */
export class MortalWorkers {
  private child: ChildProcess | undefined;

  constructor(
    private readonly home: WorkersHome,
    private readonly address: () => string,
  ) {
    process.once('exit', () => this.child?.kill('SIGKILL'));
  }

  /** Returns when they are about to poll. */
  async start(): Promise<void> {
    const child = fork(PROGRAM, [this.address()], { execArgv: [], serialization: 'advanced' });
    this.child = child;
    const ready = new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the workers ended by themselves (${code})`)));
      child.on('message', (message: Question | 'ready') => {
        if (message === 'ready') resolve();
        else void this.answer(child, message);
      });
    });
    await ready;
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  private async answer(child: ChildProcess, { number, name, args }: Question): Promise<void> {
    const value: unknown = await (this.home[name] as (...given: unknown[]) => unknown)(...args);
    const answer: Answer = { number, value };
    // One that was killed in the meantime receives nothing.
    if (child.connected) child.send(answer);
  }
}
