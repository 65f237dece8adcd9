import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { changedFiles, runsForChange } from './changed-tests.js';
import { JestRun, type Outcome } from './jest-run.js';
import { chooseSeed, passSignalsOnTo, type PlannedRun, runSideBySide } from './run-side-by-side.js';
import { numberFor, turnsFor } from './test-turns.js';

/** Projects whose files are spread over several runs. */
const SHARDS: Readonly<Record<string, number>> = { e2e: 2, integration: 2, workflow: 2, unit: 3 };
/**
 * Projects with the same files: `npm test` runs each file in one of them, chosen by the seed. A
 * long run runs all files in all of them.
 */
const TAKE_TURNS: readonly string[] = ['store', 'store-kurrent'];

/**
 * `npm test`: every project of jest, each in its own run with its own servers. Tests mostly wait,
 * so several runs are active at a time (`TEST_RUNS` sets how many). Arguments go to jest, in a
 * single run. The last line is `N passed, N failed`. A test file that cannot be loaded, or a run
 * that cannot start, counts as one failure. The exit code is jest's, the first that is not 0.
 */
export async function runTests(root: string, given: readonly string[]): Promise<void> {
  if (given.length > 0) return conclude([await runOne(root, given)]);
  const seed = chooseSeed();
  const turns = turnsFor(seed);
  const runs = (await projects(root)).flatMap((project) => runsOf(project, seed));
  conclude(
    await runSideBySide(
      root,
      runs.map(({ name, args }) => ({ name, args: [...args, ...turns] })),
    ),
  );
}

/** `npm run test:changed`: what the changes since a commit touch, uncommitted ones included. */
export async function runChangedTests(root: string, since: string): Promise<void> {
  const runs = runsForChange(changedFiles(root, since), since, await projects(root));
  conclude(await runSideBySide(root, runs));
}

async function runOne(root: string, given: readonly string[]): Promise<Outcome> {
  const run = new JestRun(root, 'tests', given, false);
  passSignalsOnTo(new Set([run]), () => undefined);
  return run.outcome;
}

function conclude(outcomes: readonly Outcome[]): void {
  const passed = sum(outcomes.map((outcome) => outcome.passed));
  const failed = sum(outcomes.map((outcome) => outcome.failed));
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = outcomes.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0;
}

/** In the order in which they start: the longest come first, so that the last runs end together. */
async function projects(root: string): Promise<string[]> {
  const config = (await import(pathToFileURL(join(root, 'jest.config.js')).href)) as {
    readonly default: { readonly projects: readonly { readonly displayName: string }[] };
  };
  return config.default.projects.map(({ displayName }) => displayName);
}

function runsOf(project: string, seed: string): PlannedRun[] {
  const args = ['--selectProjects', project];
  const shard = (index: number, count: number): PlannedRun => {
    const part = `${index + 1}/${count}`;
    return { name: `${project} ${part}`, args: [...args, `--shard=${part}`] };
  };
  const turn = TAKE_TURNS.indexOf(project);
  if (turn >= 0 && process.env['TEST_DEPTH'] !== 'long') {
    const count = TAKE_TURNS.length;
    return [shard((numberFor(`${seed} store`, count) + turn) % count, count)];
  }
  const count = SHARDS[project] ?? 1;
  if (count === 1) return [{ name: project, args }];
  return Array.from({ length: count }, (_, index) => shard(index, count));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
