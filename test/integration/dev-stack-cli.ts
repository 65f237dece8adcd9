import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '#tools/dev-stack/port.js';
import { processStart } from '#tools/dev-stack/process-table.js';

const portVariables = [
  'PERDURE_PORT',
  'ACCOUNT_PORT',
  'CART_PORT',
  'INVENTORY_PORT',
  'SANDBOX_PORT',
  'TEMPORAL_PORT',
  'TEMPORAL_UI_PORT',
  'KAFKA_PORT',
  'KAFKA_CONTROLLER_PORT',
  'EVENTSTORE_PORT',
  'POSTGRES_PORT',
] as const;

type PortVariable = (typeof portVariables)[number];

/** The answer of one command that ran to its end. */
export interface Answer {
  readonly code: number | null;
  readonly output: string;
}

/** A command that runs; `output` is what it has said so far. */
interface Begun {
  readonly child: ChildProcess;
  readonly output: () => string;
}

/** The compiled command line, on a home folder and ports of its own: what a person has, and nothing else. */
export class DevStackCli {
  static async create(): Promise<DevStackCli> {
    const free = await freePorts(portVariables.length);
    const ports = Object.fromEntries(portVariables.map((name, index) => [name, free[index]]));
    return new DevStackCli(
      mkdtempSync(join(tmpdir(), 'perdure-cli-')),
      ports as Record<PortVariable, number>,
    );
  }

  private constructor(
    readonly home: string,
    readonly ports: Record<PortVariable, number>,
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

  /** Begins a command that stays. */
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

  /** All processes that were ever recorded here and run now. */
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

/** Waits until it is so, and fails naming what was waited for. */
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
