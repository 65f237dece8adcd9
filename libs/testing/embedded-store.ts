import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answersOk } from '#libs/dev-stack/http-health.js';
import { freePorts } from '#libs/dev-stack/port.js';
import { killOne } from '#libs/dev-stack/signal-group.js';
import { waitUntil } from '#libs/dev-stack/wait-until.js';

const ENTRY = 'dist/libs/event-store-server/main.js';

/** The embedded event store as a process of the test's own, on a free port and data of its own, to be killed and frozen. */
export class EmbeddedStore {
  private child: ChildProcess | undefined;
  private output = '';
  private readonly endWithThisProcess = (): void => this.killAll();

  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {
    // jest tears nothing down when it is interrupted.
    process.once('exit', this.endWithThisProcess);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  }

  static async start(): Promise<EmbeddedStore> {
    const [port = 0] = await freePorts(1);
    const folder = mkdtempSync(join(tmpdir(), 'perdure-store-'));
    chmodSync(folder, 0o755); // PostgreSQL runs as another user than root
    const store = new EmbeddedStore(port, folder);
    await store.restart();
    return store;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** All that the process has printed. */
  get log(): string {
    return this.output;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** The PostgreSQL that the server keeps its events in; undefined when there is none. */
  get databasePid(): number | undefined {
    try {
      return Number(readFileSync(join(this.folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
    } catch {
      return undefined;
    }
  }

  /** Starts the process unless it runs, and waits until it answers. */
  async restart(): Promise<void> {
    if (!this.isRunning()) {
      const args = ['--enable-source-maps', ENTRY, '--port', String(this.port), '--data', this.folder];
      this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [this.child.stdout, this.child.stderr]) {
        stream?.on('data', (chunk) => (this.output += String(chunk)));
      }
    }
    await this.untilHealthy();
  }

  async untilHealthy(timeoutMs = 90_000): Promise<void> {
    const health = `http://127.0.0.1:${this.port}/health/live`;
    const isDecided = async (): Promise<boolean> => !this.isRunning() || (await answersOk(health));
    await waitUntil(isDecided, { timeoutMs, intervalMs: 50 });
    if (!(await answersOk(health))) throw new Error(`the embedded store does not answer:\n${this.output}`);
  }

  /** Kills the server; its database is left to itself. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  killDatabase(): void {
    const pid = this.databasePid;
    if (pid !== undefined) killOne(pid, 'SIGKILL');
  }

  freeze(): void {
    killOne(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    killOne(this.pid, 'SIGCONT');
  }

  /** Stops it in good order and removes its data. */
  async stop(): Promise<void> {
    process.off('exit', this.endWithThisProcess);
    this.thaw();
    await this.end('SIGTERM');
    this.killDatabase();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || !this.isRunning()) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  private isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  private killAll(): void {
    if (this.isRunning()) killOne(this.pid, 'SIGKILL');
    this.killDatabase();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
