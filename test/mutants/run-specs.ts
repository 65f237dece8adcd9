import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const LIMIT_MS = 600_000;
/** A busy machine must not turn a test red. */
const PATIENCE = '--testTimeout=30000';
const SHOWN_LINES = 40;

/** The part of jest's results that is used here. */
interface Results {
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** What became of the tests of one run. */
export interface SpecRun {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Why the tests did not run, such as a file that cannot be loaded. */
  readonly broken?: string;
  readonly seconds: number;
}

/** Runs test files in a tree with jest, for at most ten minutes. */
export async function runSpecs(tree: string, specs: readonly string[], seed?: number): Promise<SpecRun> {
  const started = Date.now();
  const file = join(tree, 'results.json');
  rmSync(file, { force: true });
  const results = ['--json', `--outputFile=${file}`];
  const args = ['--runInBand', '--forceExit', PATIENCE, ...results, '--runTestsByPath', ...specs];
  const child = spawn(process.execPath, [join(tree, 'node_modules/jest/bin/jest.js'), ...args], {
    cwd: tree,
    env: { ...process.env, ...(seed !== undefined && { SEED: String(seed) }) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // On SIGTERM, jest stops the servers that it has started.
  const limit = setTimeout(() => child.kill('SIGTERM'), LIMIT_MS);
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  clearTimeout(limit);
  const seconds = (Date.now() - started) / 1_000;
  const last = output.trim().split('\n').slice(-SHOWN_LINES).join('\n');
  if (!existsSync(file)) return { passed: [], failed: [], broken: last, seconds };
  const told = JSON.parse(readFileSync(file, 'utf8')) as Results;
  const tests = told.testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (status: string) =>
    tests.filter((test) => test.status === status).map((test) => test.fullName);
  const broken = told.numRuntimeErrorTestSuites > 0 && { broken: last };
  return { passed: named('passed'), failed: named('failed'), seconds, ...broken };
}
