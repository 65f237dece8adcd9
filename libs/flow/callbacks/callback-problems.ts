import type { ProblemKind } from '#libs/core/problem-error.js';

/** Why a report to a callback address is refused, apart from what the flow says. */
export const callbackProblems = {
  unknown: { code: 'CALLBACK_ADDRESS.UNKNOWN', status: 404, title: 'There is no such callback address' },
  otherEnd: {
    code: 'CALLBACK_ADDRESS.OTHER_END',
    status: 409,
    title: 'Another end was reported to this address before',
  },
  over: {
    code: 'CALLBACK_ADDRESS.OVER',
    status: 410,
    title: 'Nobody waits for what is reported to this address',
  },
} as const satisfies Record<string, ProblemKind>;
