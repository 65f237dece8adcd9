import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Role } from '#libs/service/service-config.js';
import { eventually } from '../support/account-rest.js';

/** What a process says of itself: it does its work, or the command of an entity stands at its fault. */
export type Report = 'ready' | { readonly struck: string };

const PATIENCE_MILLISECONDS = 90_000;
const environment = {
  RECONCILE_SECONDS: '0',
  KAFKAJS_NO_PARTITIONER_WARNING: '1',
  // Sentences are said in the year 2100.
  CLOCK_TOLERANCE_SECONDS: '3155760000',
};
/** In which a process that was frozen does what it had in hand. */
const STALE_MILLISECONDS = 2_000;

/** A process that runs some roles of all services, and what has come to its fault there. */
export class CrashProcess {
  private static readonly all = new Set<ChildProcess>();
  /** How often, by stream. */
  readonly struck = new Map<string, number>();
  private readonly child: ChildProcess;
  private isReady = false;
  private firstAt: number | undefined;

  constructor(roles: readonly Role[], wave: string) {
    this.child = fork('dist/test/chaos/crash-host.js', [roles.join(','), wave], {
      // jest's environment is a copy, which children do not get by themselves.
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    // One that is frozen does not hear that its parent is gone.
    if (CrashProcess.all.size === 0) process.once('exit', () => CrashProcess.killAll());
    CrashProcess.all.add(this.child);
    this.child.on('message', (report: Report) => this.note(report));
  }

  static killAll(): void {
    for (const child of CrashProcess.all) child.kill('SIGKILL');
  }

  /** Milliseconds since the first fault; 0 before it. */
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

  /** It goes on with what it had in hand, which others have done meanwhile; then it is killed. */
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
