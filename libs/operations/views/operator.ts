import { InvalidRequestError, problems } from '#libs/core/problems.js';
import type { FastifyRequest } from 'fastify';

const HEADER = 'x-operator';
/** 1 to 100 characters that can be shown on one line, without blanks at either end. */
export const OPERATOR =
  /^[\x21-\x7e\u00a1-\u00ff](?:[\x20-\x7e\u00a0-\u00ff]{0,98}[\x21-\x7e\u00a1-\u00ff])?$/;

/**
 * The name of the operator for the audit, from the header `X-Operator`, until there is
 * authentication. Throws a problem.
 */
export function operatorOf({ headers }: FastifyRequest): string {
  const { [HEADER]: given = 'operator' } = headers;
  const name = String(given);
  if (!OPERATOR.test(name)) {
    throw new InvalidRequestError(problems.invalidHeader, [
      { header: 'X-Operator', detail: 'must be 1 to 100 characters of Latin-1' },
    ]);
  }
  return name;
}
