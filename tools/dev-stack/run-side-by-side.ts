import { availableParallelism, totalmem } from 'node:os';
import { fetchServers } from './fetch-servers.js';
import { JestRun, type Outcome } from './jest-run.js';
import { testTable } from './test-table.js';

/** A planned run of jest: its name in the table, and its arguments. */
export interface PlannedRun {
  readonly name: string;
  readonly args: readonly string[];
}

/** Memory for a run with its own servers, services included. */
const BYTES_PER_RUN = 2.5 * 1024 ** 3;
const PROGRESS_MILLISECONDS = 30_000;

/** The seed of all tests, which is drawn once unless `SEED` is set. */
export function chooseSeed(): string {
  return (process.env['SEED'] ??= String(Math.floor(Math.random() * 2 ** 32)));
}

/**
 * Executes runs concurrently, each with its own servers, and shows their progress. Prints a table
 * at the end.
 */
export async function runSideBySide(root: string, planned: readonly PlannedRun[]): Promise<Outcome[]> {
  await fetchServers(root);
  process.stdout.write(`SEED=${chooseSeed()} for all tests; the same seed makes the same choices.\n`);
  const begun = Date.now();
  const elapsed = () => Math.round((Date.now() - begun) / 1_000);
  const running = new Set<JestRun>();
  const tellProgress = () => {
    const all = [...running].map(({ progress }) => progress).join(', ');
    process.stdout.write(`… ${elapsed()} s: ${all}\n`);
  };
  const timer = setInterval(tellProgress, PROGRESS_MILLISECONDS);
  let isStopped = false;
  passSignalsOnTo(running, () => (isStopped = true));
  const outcomes: Outcome[] = [];
  const next = planned.values();
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

/**
 * A terminal signals the whole group. A signal to this process alone is meant for the runs, too.
 */
export function passSignalsOnTo(running: ReadonlySet<JestRun>, stop: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop();
      for (const run of running) run.kill(signal);
    });
  }
}

/**
 * Two for each core, if memory allows: a run waits as often as it computes. A long run computes
 * more, and its tests would miss their time limits.
 */
function runsAtOnce(): number {
  const forEachCore = process.env['TEST_DEPTH'] === 'long' ? 1 : 2;
  const wanted = Number(process.env['TEST_RUNS'] ?? forEachCore * availableParallelism());
  return Math.max(1, Math.min(wanted, Math.floor(totalmem() / BYTES_PER_RUN)));
}
