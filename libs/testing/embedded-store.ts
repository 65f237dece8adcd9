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

/** What the server says of itself. */
interface ServerStats {
  readonly version: string;
  readonly residentBytes: number;
  readonly lastPosition: string;
}

/**
 * The embedded event store as a process of the test's own, on a free port and with data of its own, to be killed and
 * frozen. It ends with this process. Run from the root of the project, once that is built.
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

  /** Ends all that were not stopped, at once. */
  static killOpenOnes(): void {
    for (const store of EmbeddedStore.open) store.killNow();
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** All that the process has printed. */
  get log(): string {
    return this.output;
  }

  /** Of the running process; 0 when none runs. */
  get pid(): number {
    return this.isRunning() ? (this.child?.pid ?? 0) : 0;
  }

  /** The PostgreSQL that the server keeps its events in; undefined when there is none. */
  get databasePid(): number | undefined {
    return Number(this.databaseFacts()[0]) || undefined; // an empty file is about to be written
  }

  /** How to reach that PostgreSQL past the server. */
  get databaseUrl(): string {
    return `postgres://perdure:perdure@127.0.0.1:${this.databaseFacts()[3]}/perdure`;
  }

  /** How many files and sockets the process holds open; undefined where the system does not tell. */
  get openFiles(): number | undefined {
    return process.platform === 'linux' ? readdirSync(`/proc/${this.pid}/fd`).length : undefined;
  }

  /** What the server says of itself at `/stats`. */
  async stats(): Promise<ServerStats> {
    const response = await fetch(`http://127.0.0.1:${this.port}/stats`);
    return (await response.json()) as ServerStats;
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

  /** Throws when the process ends, or does not answer in time. */
  async untilHealthy(timeoutMs = 120_000): Promise<void> {
    const health = `http://127.0.0.1:${this.port}/health/live`;
    let isHealthy = false;
    const isDecided = async (): Promise<boolean> =>
      (isHealthy = await answersOk(health)) || !this.isRunning();
    await waitUntil(isDecided, { timeoutMs, intervalMs: 50 });
    if (!isHealthy) throw new Error(`the embedded store does not answer:\n${this.output}`);
  }

  /** Kills the server; its database is left to itself. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends the server in good order; its data stay. Resolves to its exit code. */
  async shutDown(): Promise<number | undefined> {
    await this.end('SIGTERM');
    return this.child?.exitCode ?? undefined;
  }

  /** Kills the database; the server starts it again by itself. */
  killDatabase(): void {
    if (this.databasePid !== undefined) killOne(this.databasePid, 'SIGKILL');
  }

  /** Lets the server stand still. */
  freeze(): void {
    if (this.isRunning()) killOne(this.pid, 'SIGSTOP');
  }

  /** Lets it go on. */
  thaw(): void {
    if (this.isRunning()) killOne(this.pid, 'SIGCONT');
  }

  /** Lets all processes of the database stand still; on Linux only. */
  freezeDatabase(): void {
    for (const pid of this.databasePids()) killOne(pid, 'SIGSTOP');
  }

  /** Lets them go on. */
  thawDatabase(): void {
    for (const pid of this.databasePids()) killOne(pid, 'SIGCONT');
  }

  /** Stops it in good order and removes its data. */
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

  /** What PostgreSQL notes of itself while it runs, line by line. */
  private databaseFacts(): string[] {
    try {
      return readFileSync(join(this.folder, 'postgres/postmaster.pid'), 'utf8').split('\n');
    } catch {
      return []; // it has ended, or not begun
    }
  }

  /** Each session of PostgreSQL is a process with a group of its own; all of them work in its folder. */
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

/** jest tears nothing down when it is interrupted. */
function endOpenOnesWithThisProcess(): void {
  if (isWatching) return;
  isWatching = true;
  process.once('exit', () => EmbeddedStore.killOpenOnes());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}
