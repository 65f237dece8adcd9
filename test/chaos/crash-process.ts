import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/account-rest.js';

/** A process reports that it is ready, or that the command of an entity has reached its fault. */
export type Report = 'ready' | { readonly struck: string };

const PATIENCE_MILLISECONDS = 90_000;
const environment = {
  RECONCILE_SECONDS: '0',
  KAFKAJS_NO_PARTITIONER_WARNING: '1',
  // Scenarios run in the year 2100.
  CLOCK_TOLERANCE_SECONDS: '3155760000',
};
/** Time for an unfrozen process to finish what it was doing. */
const STALE_MILLISECONDS = 2_000;

/** A process that runs some roles of all services, and the faults reached in it. */
export class CrashProcess {
  private static readonly all = new Set<ChildProcess>();
  /** Count by stream. */
  readonly struck = new Map<string, number>();
  private readonly child: ChildProcess;
  private isReady = false;
  private firstAt: number | undefined;

  constructor(roles: readonly string[], wave: string) {
    this.child = fork('dist/test/chaos/crash-host.js', [roles.join(','), wave], {
      // jest's environment is a copy, which child processes do not inherit.
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    // A frozen process does not notice that its parent is gone.
    if (CrashProcess.all.size === 0) process.once('exit', () => CrashProcess.killAll());
    CrashProcess.all.add(this.child);
    this.child.on('message', (report: Report) => this.note(report));
  }

  static killAll(): void {
    for (const child of CrashProcess.all) child.kill('SIGKILL');
  }

  /** Milliseconds since the first fault, or 0 before it. */
  get sinceTheFirst(): number {
    return this.firstAt === undefined ? 0 : Date.now() - this.firstAt;
  }

  async untilReady(): Promise<this> {
    await eventually(async () => this.isReady, Boolean, PATIENCE_MILLISECONDS, 20);
    return this;
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  /** It resumes what it was doing, which others have done by now. Then it is killed. */
  async thawAndKill(): Promise<void> {
    this.child.kill('SIGCONT');
    await pause(STALE_MILLISECONDS);
    await this.kill();
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error('it ended by itself');
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  private note(report: Report): void {
    if (report === 'ready') {
      this.isReady = true;
      return;
    }
    this.firstAt ??= Date.now();
    this.struck.set(report.struck, (this.struck.get(report.struck) ?? 0) + 1);
  }
}
