import type { ProblemKind } from '#libs/core/problem-error.js';

/** Problems of webhooks. docs/rejections.md lists them in this order. */
export const webhookProblems = {
  unknownProvider: { code: 'WEBHOOK.UNKNOWN_PROVIDER', status: 404, title: 'No such provider is configured' },
  invalidSignature: { code: 'WEBHOOK.INVALID_SIGNATURE', status: 401, title: 'No signature is valid' },
  tooOld: { code: 'WEBHOOK.TOO_OLD', status: 400, title: 'The time of the webhook is too far from ours' },
  tooLarge: {
    code: 'WEBHOOK.TOO_LARGE',
    status: 413,
    title: 'The body is larger than the provider may send',
  },
  notAnObject: { code: 'WEBHOOK.NOT_AN_OBJECT', status: 400, title: 'The body is not a JSON object' },
} as const satisfies Record<string, ProblemKind>;
