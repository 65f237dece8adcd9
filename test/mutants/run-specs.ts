import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from './mutant.js';

/** How long one test and one file may take. Bugs can make tests hang. */
const LIMITS_MS = {
  unit: { test: 30_000, file: 120_000 },
  withServers: { test: 240_000, file: 600_000 },
} as const;
/** How long jest has to stop its servers before it is killed. */
const GRACE_MS = 15_000;
const SHOWN_LINES = 40;

/** The part of jest's results that is used here. */
interface Results {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** The results of one run. */
export interface SpecRun {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Those of the failed ones that took too long. */
  readonly hung: readonly string[];
  /** Why the tests did not run, such as a file that cannot be loaded. */
  readonly broken?: string;
  /** The run did not end by itself and was stopped after as many seconds. */
  readonly hungSeconds?: number;
}

const nothing: SpecRun = { passed: [], failed: [], hung: [] };
const TOO_LONG = /Exceeded timeout of \d+ ms/;

/** Which tests to run. */
export interface Selection {
  readonly project: Project;
  readonly specs: readonly string[];
  /** Parts of the full names of the tests; absent: all tests of the files. */
  readonly names?: readonly string[] | undefined;
  readonly seed?: number | undefined;
}

/** Runs tests in a tree with jest, for a limited time. */
export async function runSpecs(tree: string, { project, specs, names, seed }: Selection): Promise<SpecRun> {
  const file = join(tree, 'results.json');
  rmSync(file, { force: true });
  const results = ['--json', `--outputFile=${file}`];
  const pattern = names?.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const named = pattern === undefined ? [] : [`--testNamePattern=${pattern}`];
  const chosen = [`--selectProjects=${project}`, ...named, '--runTestsByPath', ...specs];
  const args = ['--runInBand', '--forceExit', ...results, ...chosen];
  const limits = project === 'unit' ? LIMITS_MS.unit : LIMITS_MS.withServers;
  const child = spawn(process.execPath, [join(tree, 'node_modules/jest/bin/jest.js'), ...args], {
    cwd: tree,
    env: {
      ...process.env,
      TEST_LIMIT_MS: String(limits.test),
      ...(seed !== undefined && { SEED: String(seed) }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const limitMs = limits.file * specs.length;
  const limit = stopAfter(limitMs, child);
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  if (limit.cancel()) return { ...nothing, hungSeconds: limitMs / 1_000 };
  const last = output.trim().split('\n').slice(-SHOWN_LINES).join('\n');
  if (!existsSync(file)) return { ...nothing, broken: last };
  const told = JSON.parse(readFileSync(file, 'utf8')) as Results;
  const tests = told.testResults.flatMap(({ assertionResults }) => assertionResults);
  const thatAre = (status: string) =>
    tests.filter((test) => test.status === status).map((test) => test.fullName);
  const broken = tests.length === 0 && { broken: last };
  const hung = tests.filter(({ failureMessages }) => failureMessages.some((text) => TOO_LONG.test(text)));
  return {
    passed: thatAre('passed'),
    failed: thatAre('failed'),
    hung: hung.map(({ fullName }) => fullName),
    ...broken,
  };
}

/** Stops a run that takes too long. */
function stopAfter(milliseconds: number, child: ChildProcess): { cancel(): boolean } {
  let isOver = false;
  let kill: NodeJS.Timeout | undefined;
  const stop = setTimeout(() => {
    isOver = true;
    // On SIGTERM, jest stops the servers that it has started, unless it is in an endless loop.
    child.kill('SIGTERM');
    kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  }, milliseconds);
  const cancel = () => {
    clearTimeout(stop);
    clearTimeout(kill);
    return isOver;
  };
  return { cancel };
}
