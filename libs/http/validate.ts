import type { z } from 'zod';
import type { ProblemDetail } from './problem.js';
import { invalid } from './request-problems.js';

/** The body as its schema makes it; throws a problem with a JSON pointer to each thing that is wrong. */
export function validateBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalid('REQUEST.INVALID_BODY', result.error.issues.flatMap(toBodyErrors));
}

/** Query parameters as their schema makes them. */
export function validateQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(({ path, message, ...issue }) =>
    namesIn(issue, path).map((parameter) => ({ parameter, detail: message })),
  );
  throw invalid('REQUEST.INVALID_QUERY', errors);
}

function toBodyErrors({ path, message, ...issue }: z.core.$ZodIssue): ProblemDetail[] {
  const extra = 'keys' in issue && issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
  return extra.map((key) => ({
    pointer: toPointer(key === undefined ? path : [...path, key]),
    detail: key === undefined ? message : 'is not known here',
  }));
}

function namesIn(issue: object, path: readonly PropertyKey[]): string[] {
  if ('keys' in issue && Array.isArray(issue.keys)) return issue.keys.map(String);
  return [path.map(String).join('.')];
}

/** RFC 6901 */
function toPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
