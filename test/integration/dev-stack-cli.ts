import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processStart } from '#tools/dev-stack/process-table.js';
import { onFreePorts, readSettings, type StackPorts } from '#tools/dev-stack/stack-settings.js';

/** The result of a command that has ended. */
export interface Answer {
  readonly code: number | null;
  readonly output: string;
}

/** A running command; `output` returns what it has printed so far. */
interface Begun {
  readonly child: ChildProcess;
  readonly output: () => string;
}

/** The compiled command line with its own home folder and ports, run as a user runs it. */
export class DevStackCli {
  static async create(): Promise<DevStackCli> {
    const { ports } = await onFreePorts(readSettings('', {}));
    return new DevStackCli(mkdtempSync(join(tmpdir(), 'perdure-cli-')), ports);
  }

  private constructor(
    readonly home: string,
    readonly ports: StackPorts,
  ) {}

  /** The same ports, other data. */
  withOtherHome(): DevStackCli {
    return new DevStackCli(mkdtempSync(join(tmpdir(), 'perdure-cli-')), this.ports);
  }

  get databaseUrl(): string {
    return `postgres://perdure:perdure@127.0.0.1:${this.ports.POSTGRES_PORT}/perdure`;
  }

  /** Runs one command to its end. */
  async run(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Answer> {
    const { child, output } = this.spawn(args, variables);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output: output() };
  }

  /** Runs a piece of code that uses the compiled libraries. */
  async runProgram(code: string): Promise<Answer> {
    const { child, output } = this.spawnNode(['--input-type=module', '--eval', code], {});
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { code: exitCode, output: output() };
  }

  /** Starts a command that keeps running. */
  spawn(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Begun {
    return this.spawnNode(['dist/tools/dev-stack/main.js', ...args], variables);
  }

  private spawnNode(args: readonly string[], variables: NodeJS.ProcessEnv): Begun {
    const {
      TEMPORAL_ADDRESS: _t,
      KAFKA_BROKERS: _k,
      EVENTSTORE_URL: _e,
      DATABASE_URL: _d,
      ...inherited
    } = process.env;
    const ports = Object.fromEntries(Object.entries(this.ports).map(([name, port]) => [name, String(port)]));
    const env = { ...inherited, ...ports, PERDURE_HOME: this.home, ...variables };
    const child = spawn(process.execPath, args, { env, stdio: 'pipe' });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
    return { child, output: () => text };
  }

  get supervisorPid(): number {
    return this.pidIn('supervisor.json');
  }

  pidOf(server: string): number {
    return this.pidIn(`${server}.process.json`);
  }

  isRecorded(server: string): boolean {
    return existsSync(join(this.home, 'run', `${server}.process.json`));
  }

  /** All processes recorded in this home folder that are still running. */
  livingPids(): number[] {
    return readdirSync(join(this.home, 'run'))
      .filter((file) => /^supervisor\.json$|\.process\.json$/.test(file))
      .map((file) => this.pidIn(file))
      .filter(isRunning);
  }

  async dispose(): Promise<void> {
    await this.run(['stop']);
    rmSync(this.home, { recursive: true, force: true });
  }

  private pidIn(file: string): number {
    return (JSON.parse(readFileSync(join(this.home, 'run', file), 'utf8')) as { pid: number }).pid;
  }
}

export function isRunning(pid: number): boolean {
  return processStart(pid) !== undefined;
}

/** Waits for a condition. Fails with a message that names it. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(100);
  }
}
