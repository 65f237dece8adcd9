import type { ProblemError } from '#libs/core/problem-error.js';

/** The media type of a problem. */
export const PROBLEM_JSON = 'application/problem+json';

/** The body of a problem (RFC 9457). */
export function problemBody(problem: ProblemError, instance: string, traceId: string) {
  const { status, code, title, detail, extras } = problem;
  const { errors, members } = extras;
  return {
    type: `/docs/problems#${code}`,
    title,
    status,
    detail,
    instance,
    code,
    ...members,
    ...(errors && { errors }),
    traceId,
  };
}

/** The headers that come with a problem. */
export function problemHeaders({ extras }: ProblemError): Readonly<Record<string, string>> {
  const { headers, retryAfterSeconds: seconds } = extras;
  return { ...headers, ...(seconds !== undefined && { 'retry-after': String(seconds) }) };
}
