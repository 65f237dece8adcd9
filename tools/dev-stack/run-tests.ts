import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fetchServers } from './fetch-servers.js';
import { JestRun, type Outcome } from './jest-run.js';
import { testTable } from './test-table.js';

/** What a run with servers of its own takes, services included. */
const BYTES_PER_RUN = 2.5 * 1024 ** 3;
const PROGRESS_MILLISECONDS = 30_000;
/** Projects whose files are spread over several runs. */
const SHARDS: Readonly<Record<string, number>> = { e2e: 2, chaos: 2 };

/**
 * `npm test`: every project of jest, each in a run of its own with servers of its own. Tests mostly wait, so some runs go side
 * by side (`TEST_RUNS` says how many). Arguments go to jest, in a single run. The last line is `N passed, N failed`; a
 * test file that cannot be loaded, or a run that cannot begin, counts as one failure. The exit code is jest's, the first
 * that is not 0.
 */
export async function runTests(root: string, given: readonly string[]): Promise<void> {
  const outcomes = given.length > 0 ? [await runOne(root, given)] : await runAll(root);
  const passed = sum(outcomes.map((outcome) => outcome.passed));
  const failed = sum(outcomes.map((outcome) => outcome.failed));
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = outcomes.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0;
}

async function runOne(root: string, given: readonly string[]): Promise<Outcome> {
  const run = new JestRun(root, 'tests', given, false);
  passSignalsOnTo(new Set([run]), () => undefined);
  return run.outcome;
}

async function runAll(root: string): Promise<Outcome[]> {
  const runs = (await projects(root)).flatMap(shardsOf);
  await fetchServers(root);
  process.env['SEED'] ??= String(Math.floor(Math.random() * 2 ** 32));
  process.stdout.write(`SEED=${process.env['SEED']} for all tests; the same seed makes the same choices.\n`);
  const begun = Date.now();
  const running = new Set<JestRun>();
  const elapsed = () => Math.round((Date.now() - begun) / 1_000);
  const tellProgress = () => {
    const all = [...running].map(({ progress }) => progress).join(', ');
    process.stdout.write(`… ${elapsed()} s: ${all}\n`);
  };
  const timer = setInterval(tellProgress, PROGRESS_MILLISECONDS);
  let isStopped = false;
  passSignalsOnTo(running, () => (isStopped = true));
  const outcomes: Outcome[] = [];
  const next = runs.values();
  const lane = async (): Promise<void> => {
    for (const { name, args } of next) {
      if (isStopped) return;
      const run = new JestRun(root, name, args, true);
      running.add(run);
      outcomes.push(await run.outcome);
      running.delete(run);
    }
  };
  await Promise.all(Array.from({ length: runsAtOnce() }, lane));
  clearInterval(timer);
  process.stdout.write(testTable(outcomes, elapsed()));
  return outcomes;
}

/** In the order in which they begin: the longest come first, so that the last runs end together. */
async function projects(root: string): Promise<string[]> {
  const config = (await import(pathToFileURL(join(root, 'jest.config.js')).href)) as {
    readonly default: { readonly projects: readonly { readonly displayName: string }[] };
  };
  return config.default.projects.map(({ displayName }) => displayName);
}

function shardsOf(project: string): { readonly name: string; readonly args: readonly string[] }[] {
  const args = ['--selectProjects', project];
  const count = SHARDS[project] ?? 1;
  if (count === 1) return [{ name: project, args }];
  return Array.from({ length: count }, (_, index) => {
    const shard = `${index + 1}/${count}`;
    return { name: `${project} ${shard}`, args: [...args, `--shard=${shard}`] };
  });
}

/** One more than there are cores, if memory allows: a run waits for time to pass more often than it computes. */
function runsAtOnce(): number {
  const wanted = Number(process.env['TEST_RUNS'] ?? availableParallelism() + 1);
  return Math.max(1, Math.min(wanted, Math.floor(totalmem() / BYTES_PER_RUN)));
}

/** A terminal signals the whole group; whoever ends this process alone means the runs, too. */
function passSignalsOnTo(running: ReadonlySet<JestRun>, stop: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop();
      for (const run of running) run.kill(signal);
      process.exitCode = 1;
    });
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
