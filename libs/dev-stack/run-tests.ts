import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of jest's results that is counted here. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that could not even be loaded. */
  readonly numRuntimeErrorTestSuites: number;
}

/**
 * `npm test`: every project of jest, or what the arguments name. The last line is `N passed, N failed`; a test file that
 * cannot be loaded, or a run that cannot begin, counts as one failure. The exit code is jest's.
 */
export function runTests(root: string, given: readonly string[]): void {
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
  const { passed, failed } = count(file, status === 0);
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = status ?? 1;
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
