import type { Mutant } from './mutant.js';

const hostSpec = 'libs/runtime/supervised-worker.spec.ts';

/** Bugs in how workers and their processes are kept running. */
export const workerMutants: readonly Mutant[] = [
  {
    id: 'worker-busy-is-stuck',
    bug: 'A busy worker that is slow is restarted, though it finishes tasks.',
    file: 'libs/runtime/worker-progress.ts',
    replace: 'if (this.busySince !== undefined) this.busySince = now;',
    by: '',
    spec: 'libs/runtime/worker-progress.spec.ts',
    test: 'that is slow and finishes tasks',
  },
  {
    id: 'worker-outage-is-stuck',
    bug: 'While Temporal is away, workers count as stuck.',
    file: 'libs/runtime/worker-progress.ts',
    replace: 'polledAt === undefined || elapsed',
    by: 'elapsed',
    spec: 'libs/runtime/worker-progress.spec.ts',
    test: 'that cannot be seen because Temporal is away',
  },
  {
    id: 'worker-outage-uses-restarts',
    bug: 'A worker that waits for Temporal uses up its restarts.',
    file: 'libs/runtime/supervised-worker.ts',
    replace: 'failure instanceof TemporalAwayError',
    by: 'failure instanceof RangeError',
    spec: hostSpec,
    test: 'without Temporal, a worker waits',
  },
  {
    id: 'worker-fails-in-silence',
    bug: 'A process stays up when one of its workers has used its restarts.',
    file: 'libs/runtime/supervised-worker.ts',
    replace: 'this.options.onGivenUp?.(this);',
    by: '',
    spec: hostSpec,
    test: 'over and over is given up',
  },
  {
    id: 'worker-pause-restarts',
    bug: 'A paused worker starts again by itself.',
    file: 'libs/runtime/supervised-worker.ts',
    replace: 'this.isPaused = true;',
    by: '',
    spec: hostSpec,
    test: 'finishes what is under way, polls no more, and resumes',
  },
  {
    id: 'process-asks-others',
    bug: 'Whether a process is frozen is judged by the health of others.',
    file: 'tools/dev-stack/supervised-process.ts',
    replace: 'return this.server.isLive?.() ?? this.server.isHealthy();',
    by: 'return this.server.isHealthy();',
    spec: 'tools/dev-stack/supervised-process.spec.ts',
    test: 'that is frozen is noticed by its own health',
  },
];
