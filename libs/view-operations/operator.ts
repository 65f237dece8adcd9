import type { FastifyRequest } from 'fastify';
import { invalid } from '#libs/http/request-problems.js';

const HEADER = 'x-operator';
/** What can be shown on one line. */
const NAME = /^[\x20-\x7e\u00a0-\u00ff]{1,100}$/;

/** Who asks, as the audit will say: the header `X-Operator`, until there is authentication. Throws a problem. */
export function operatorOf({ headers }: FastifyRequest): string {
  const { [HEADER]: given = 'operator' } = headers;
  const name = String(given).trim();
  if (!NAME.test(name)) {
    throw invalid('REQUEST.INVALID_HEADER', [
      { header: 'X-Operator', detail: 'must be 1 to 100 characters' },
    ]);
  }
  return name;
}
