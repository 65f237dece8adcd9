import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/**
 * What a run of jest reports to the process that started it, through
 * `test/setup/progress-reporter.ts`.
 */
export type RunMessage =
  | { readonly kind: 'planned'; readonly files: number }
  | { readonly kind: 'begun'; readonly path: string }
  | { readonly kind: 'ended'; readonly path: string; readonly seconds: number };

/** How a run of jest ended. */
export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  /** Of the whole run: its servers start and stop within it. */
  readonly seconds: number;
  /** jest's own. */
  readonly exitCode: number;
  /** One line for each failed test or file. */
  readonly failures: readonly string[];
  readonly files: readonly { readonly path: string; readonly seconds: number }[];
}

/** The part of jest's results that is counted here. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that could not even be loaded. */
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** What jest prints of its failures. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** Of each failure in the table at the end. */
const MESSAGE_LENGTH = 300;

/** For servers that live only for minutes: starting Kafka takes a third less CPU. */
const COMPILED_LIGHTLY = '-XX:TieredStopAtLevel=1';

/**
 * Files run one after the other in a process that jest replaces once it has grown. What a file has
 * loaded is not freed when the file ends, and the units took twice as much CPU time in one process.
 */
const ONE_AT_A_TIME = ['--maxWorkers=1', '--workerIdleMemoryLimit=700MB'];

/** One run of jest, in its own process. */
export class JestRun {
  readonly outcome: Promise<Outcome>;
  private readonly child: ChildProcess;
  private readonly folder = mkdtempSync(join(tmpdir(), 'perdure-results-'));
  private readonly begun = Date.now();
  private readonly files: { path: string; seconds: number }[] = [];
  private planned = 0;
  private current: { readonly path: string; readonly begun: number } | undefined;

  /**
   * `isShared`: the terminal is shared with other runs, so this one reports its progress here and
   * prints only whole lines.
   */
  constructor(
    private readonly root: string,
    readonly name: string,
    given: readonly string[],
    isShared: boolean,
  ) {
    // One file after the other: a test that kills servers must not disturb others. A connection
    // that a test left open is shown on a developer's terminal, but must not delay the result on
    // CI.
    const ending = process.env['CI'] ? ['--forceExit'] : [];
    const telling = isShared
      ? ['--reporters=default', `--reporters=${join(root, 'dist/test/setup/progress-reporter.js')}`]
      : [];
    const args = [...ONE_AT_A_TIME, ...ending, ...telling, '--json', `--outputFile=${this.file}`, ...given];
    const jest = join(root, 'node_modules/jest/bin/jest.js');
    this.child = spawn(process.execPath, [jest, ...args], {
      cwd: root,
      // What a developer has configured for `npm start` is not for tests.
      env: { JAVA_TOOL_OPTIONS: COMPILED_LIGHTLY, PERDURE_CONFIG: 'none', ...process.env },
      stdio: isShared ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'inherit', 'inherit'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) if (stream) printLines(stream);
    this.child.on('message', (message) => this.hear(message as RunMessage));
    this.outcome = this.end();
  }

  /** Its progress, for display. */
  get progress(): string {
    const done = `${this.name} ${this.files.length}/${this.planned || '?'}`;
    if (!this.current) return `${done} (starting)`;
    const seconds = Math.round((Date.now() - this.current.begun) / 1_000);
    return `${done} (${this.current.path.split('/').at(-1)} ${seconds} s)`;
  }

  /** Forwards a signal that only this process received. */
  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private get file(): string {
    return join(this.folder, 'results.json');
  }

  private hear(message: RunMessage): void {
    if (message.kind === 'planned') this.planned = message.files;
    else if (message.kind === 'begun') this.current = { path: message.path, begun: Date.now() };
    else this.files.push({ path: relative(this.root, message.path), seconds: message.seconds });
  }

  private async end(): Promise<Outcome> {
    const [code] = (await once(this.child, 'close')) as [number | null];
    const { name, files } = this;
    const seconds = (Date.now() - this.begun) / 1_000;
    const outcome = { name, seconds, files, exitCode: code ?? 1, ...this.count(code === 0) };
    rmSync(this.folder, { recursive: true, force: true });
    return outcome;
  }

  private count(isSuccess: boolean): Pick<Outcome, 'passed' | 'failed' | 'failures'> {
    let results: Results;
    try {
      results = JSON.parse(readFileSync(this.file, 'utf8')) as Results;
    } catch {
      return { passed: 0, failed: 1, failures: [`${this.name}: it ended before it had results`] };
    }
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    return {
      passed: results.numPassedTests,
      failed: isSuccess ? failed : Math.max(failed, 1),
      failures: results.testResults.flatMap((file) => this.failuresIn(file)),
    };
  }

  private failuresIn({ name, status, message, assertionResults }: Results['testResults'][number]): string[] {
    const path = relative(this.root, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`${path} could not run: ${shortly(message)}`] : [];
    return failed.map(({ fullName, failureMessages }) => {
      return `${path}: ${fullName}: ${shortly(failureMessages?.[0] ?? '')}`;
    });
  }
}

/** A message in one line of moderate length, without colours and stack. */
function shortly(message: string): string {
  const [text = ''] = stripVTControlCharacters(message).split(/\n\s+at /);
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, MESSAGE_LENGTH);
}

/** Prints whole lines, so that those of two runs do not mix. */
function printLines(stream: NodeJS.ReadableStream): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const end = chunk.lastIndexOf('\n') + 1;
    if (end > 0) process.stdout.write(rest + chunk.slice(0, end));
    rest = end > 0 ? chunk.slice(end) : rest + chunk;
  });
  stream.on('end', () => rest && process.stdout.write(`${rest}\n`));
}
