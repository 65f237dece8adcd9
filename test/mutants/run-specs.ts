import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const LIMIT_MS = 600_000;
const SHOWN_LINES = 40;

/** The part of jest's results that is used here. */
interface Results {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** The results of one run. */
export interface SpecRun {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Why the tests did not run, such as a file that cannot be loaded. */
  readonly broken?: string;
}

/** Which tests to run. */
export interface Selection {
  readonly project: string;
  readonly specs: readonly string[];
  /** Parts of the full names of the tests; absent: all tests of the files. */
  readonly names?: readonly string[] | undefined;
  readonly seed?: number | undefined;
}

/** Runs tests in a tree with jest, for at most ten minutes. */
export async function runSpecs(tree: string, { project, specs, names, seed }: Selection): Promise<SpecRun> {
  const file = join(tree, 'results.json');
  rmSync(file, { force: true });
  const results = ['--json', `--outputFile=${file}`];
  const pattern = names?.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const named = pattern === undefined ? [] : [`--testNamePattern=${pattern}`];
  const chosen = [`--selectProjects=${project}`, ...named, '--runTestsByPath', ...specs];
  const args = ['--runInBand', '--forceExit', ...results, ...chosen];
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
  const last = output.trim().split('\n').slice(-SHOWN_LINES).join('\n');
  if (!existsSync(file)) return { passed: [], failed: [], broken: last };
  const told = JSON.parse(readFileSync(file, 'utf8')) as Results;
  const tests = told.testResults.flatMap(({ assertionResults }) => assertionResults);
  const thatAre = (status: string) =>
    tests.filter((test) => test.status === status).map((test) => test.fullName);
  const broken = tests.length === 0 && { broken: last };
  return { passed: thatAre('passed'), failed: thatAre('failed'), ...broken };
}
