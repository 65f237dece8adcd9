import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually, request } from '../support/account-rest.js';

/**
 * The account service in a process with one role (or with `worker`, which is several), restarted
 * whenever it ends, as by a supervisor.
 */
export class RoleProcess {
  kills = 0;
  private child: ChildProcess | undefined;
  private isStopping = false;

  constructor(
    readonly role: string,
    private readonly port: number,
    private readonly environment: Readonly<Record<string, string>>,
  ) {
    process.once('exit', () => this.child?.kill('SIGKILL'));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  start(): void {
    const settings = { ROLES: this.role, PORT: String(this.port), LOG_LEVEL: 'silent' };
    const env = { ...process.env, ...this.environment, ...settings, KAFKAJS_NO_PARTITIONER_WARNING: '1' };
    this.child = spawn(process.execPath, ['dist/apps/account/src/main.js'], { env, stdio: 'ignore' });
    this.child.once('exit', () => {
      if (!this.isStopping) setTimeout(() => this.start(), 100);
    });
  }

  /** Waits until it is ready, and so are the servers that it needs. */
  async untilReady(): Promise<void> {
    await eventually(
      () => request(`${this.url}/health/ready`),
      ({ status }) => status === 200,
      120_000,
    );
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    this.kills += 1;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(late);
  }
}
