import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answersOk } from '#tools/dev-stack/http-health.js';
import { freePorts } from '#tools/dev-stack/port.js';
import { processesIn } from '#tools/dev-stack/process-table.js';
import { killOne } from '#tools/dev-stack/signal-group.js';
import { waitUntil } from '#tools/dev-stack/wait-until.js';

const ENTRY = 'dist/tools/event-store/main.js';

/** The server's own statistics. */
interface ServerStats {
  readonly version: string;
  readonly residentBytes: number;
  readonly lastPosition: string;
}

/**
 * The embedded event store as a process that a test may kill and freeze, on a free port and with
 * its own data. It ends with this process. Must be run from the root of the built project.
 */
export class EmbeddedStore {
  private static readonly open = new Set<EmbeddedStore>();
  private child: ChildProcess | undefined;
  private output = '';

  private constructor(
    readonly port: number,
    readonly folder: string,
  ) {
    endOpenOnesWithThisProcess();
    EmbeddedStore.open.add(this);
  }

  /** Starts one and waits until it answers. */
  static async start(): Promise<EmbeddedStore> {
    const [port = 0] = await freePorts(1);
    const store = new EmbeddedStore(port, mkdtempSync(join(tmpdir(), 'perdure-store-')));
    await store.restart();
    return store;
  }

  /** Kills all that were not stopped. */
  static killOpenOnes(): void {
    for (const store of EmbeddedStore.open) store.killNow();
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** Everything that the process has printed. */
  get log(): string {
    return this.output;
  }

  /** Of the running process, or 0 if none is running. */
  get pid(): number {
    return this.isRunning() ? (this.child?.pid ?? 0) : 0;
  }

  /** The PostgreSQL in which the server keeps its events, or undefined if there is none. */
  get databasePid(): number | undefined {
    return Number(this.databaseFacts()[0]) || undefined; // the file is empty until it is written
  }

  /** How to reach that PostgreSQL directly. */
  get databaseUrl(): string {
    return `postgres://perdure:perdure@127.0.0.1:${this.databaseFacts()[3]}/perdure`;
  }

  /**
   * The number of open files and sockets of the process, or undefined if the system does not tell.
   */
  get openFiles(): number | undefined {
    return process.platform === 'linux' ? readdirSync(`/proc/${this.pid}/fd`).length : undefined;
  }

  /** The server's response at `/stats`. */
  async stats(): Promise<ServerStats> {
    const response = await fetch(`http://127.0.0.1:${this.port}/stats`);
    return (await response.json()) as ServerStats;
  }

  /** Starts the process unless it is running, and waits until it answers. */
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

  /** Throws if the process ends, or does not answer in time. */
  async untilHealthy(timeoutMs = 120_000): Promise<void> {
    const health = `http://127.0.0.1:${this.port}/health/live`;
    let isHealthy = false;
    const isDecided = async (): Promise<boolean> =>
      (isHealthy = await answersOk(health)) || !this.isRunning();
    await waitUntil(isDecided, { timeoutMs, intervalMs: 50 });
    if (!isHealthy) throw new Error(`the embedded store does not answer:\n${this.output}`);
  }

  /** Kills the server, but not its database. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Stops the server gracefully and keeps its data. Resolves to its exit code. */
  async shutDown(): Promise<number | undefined> {
    await this.end('SIGTERM');
    return this.child?.exitCode ?? undefined;
  }

  /** Kills the database. The server restarts it. */
  killDatabase(): void {
    if (this.databasePid !== undefined) killOne(this.databasePid, 'SIGKILL');
  }

  /** Freezes the server. */
  freeze(): void {
    if (this.isRunning()) killOne(this.pid, 'SIGSTOP');
  }

  /** Unfreezes the server. */
  thaw(): void {
    if (this.isRunning()) killOne(this.pid, 'SIGCONT');
  }

  /** Freezes all processes of the database. Linux only. */
  freezeDatabase(): void {
    for (const pid of this.databasePids()) killOne(pid, 'SIGSTOP');
  }

  /** Unfreezes them. */
  thawDatabase(): void {
    for (const pid of this.databasePids()) killOne(pid, 'SIGCONT');
  }

  /** Stops it gracefully and removes its data. */
  async stop(): Promise<void> {
    this.thaw();
    this.thawDatabase();
    await this.end('SIGTERM');
    this.killNow();
  }

  private killNow(): void {
    EmbeddedStore.open.delete(this);
    if (this.isRunning()) killOne(this.pid, 'SIGKILL');
    this.killDatabase();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The lines of PostgreSQL's pid file. */
  private databaseFacts(): string[] {
    try {
      return readFileSync(join(this.folder, 'postgres/postmaster.pid'), 'utf8').split('\n');
    } catch {
      return []; // it has ended, or not started
    }
  }

  /**
   * Each session of PostgreSQL is a process in its own group, and all of them have its folder as
   * working directory.
   */
  private databasePids(): number[] {
    const data = join(this.folder, 'postgres');
    return existsSync(data) ? processesIn(realpathSync(data)) : [];
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
}

let isWatching = false;

/** jest runs no tear-down when it is interrupted. */
function endOpenOnesWithThisProcess(): void {
  if (isWatching) return;
  isWatching = true;
  process.once('exit', () => EmbeddedStore.killOpenOnes());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}
