import type { ProblemKind } from '#libs/core/problem-error.js';

/** Why an order to workers is refused. Nothing was changed. */
export const workerProblems = {
  processNotFound: {
    code: 'WORKER.PROCESS_NOT_FOUND',
    status: 404,
    title: 'No process with this name or id has reported lately',
  },
  notFound: { code: 'WORKER.NOT_FOUND', status: 404, title: 'The process has no such worker' },
} as const satisfies Record<string, ProblemKind>;
