import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The part of jest's results that is counted here. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that could not even be loaded. */
  readonly numRuntimeErrorTestSuites: number;
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** jest's own. */
  readonly exitCode: number;
}

/**
 * `npm test`: every project of jest, one run after the other, so that the servers of one are gone before the next begins
 * and none runs idle beside tests that have no use for it. Arguments go to jest, in a single run. The last line is
 * `N passed, N failed`; a test file that cannot be loaded, or a run that cannot begin, counts as one failure. The exit
 * code is jest's, the first that is not 0.
 */
export async function runTests(root: string, given: readonly string[]): Promise<void> {
  const runs = given.length > 0 ? [given] : (await projects(root)).map((name) => ['--selectProjects', name]);
  const outcomes = runs.map((args) => run(root, args));
  const passed = sum(outcomes.map((outcome) => outcome.passed));
  const failed = sum(outcomes.map((outcome) => outcome.failed));
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = outcomes.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0;
}

async function projects(root: string): Promise<string[]> {
  const config = (await import(pathToFileURL(join(root, 'jest.config.js')).href)) as {
    readonly default: { readonly projects: readonly { readonly displayName: string }[] };
  };
  return config.default.projects.map(({ displayName }) => displayName);
}

function run(root: string, given: readonly string[]): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'perdure-results-'));
  const file = join(folder, 'results.json');
  // One file after the other: tests that kill servers must not do it to their neighbours.
  // A connection that a test left open is shown on a developer's terminal; on CI it must not hold up the result.
  const ending = process.env['CI'] ? ['--forceExit'] : [];
  const args = ['--runInBand', ...ending, '--json', `--outputFile=${file}`, ...given];
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const { status } = spawnSync(process.execPath, [jest, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const outcome = { ...count(file, status === 0), exitCode: status ?? 1 };
  rmSync(folder, { recursive: true, force: true });
  return outcome;
}

function count(file: string, isSuccess: boolean): { passed: number; failed: number } {
  try {
    const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    return { passed: results.numPassedTests, failed: isSuccess ? failed : Math.max(failed, 1) };
  } catch {
    return { passed: 0, failed: 1 }; // it ended before it had results
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
