import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type ProblemDetail, ProblemError } from '#libs/core/problem-error.js';
import { jsonPointer } from '#libs/core/json-pointer.js';
import { oneLine } from '#libs/core/one-line.js';
import { InvalidRequestError, problems } from '#libs/core/problems.js';
import { noQuery } from '../entities/page-query.js';

const LONGEST_KEY = 100;

/** Parses a body by its schema. Throws a problem with a JSON pointer to each fault. */
export function validateBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new InvalidRequestError(problems.invalidBody, firstOfEach(result.error.issues.flatMap(toBodyErrors)));
}

/** Parses the body of a request. A missing one counts as an empty object; `null` does not. */
export function givenBody<Schema extends z.ZodType>(
  schema: Schema,
  { body }: Pick<FastifyRequest, 'body'>,
): z.output<Schema> {
  return validateBody(schema, body === undefined ? {} : body);
}

/** Parses the body of a request that takes no query parameters. */
export function bodyOf<Schema extends z.ZodType>(
  schema: Schema,
  request: Pick<FastifyRequest, 'body' | 'query'>,
): z.output<Schema> {
  validateQuery(noQuery, request.query);
  return givenBody(schema, request);
}

/** Parses query parameters by their schema. */
export function validateQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  throw new InvalidRequestError(
    problems.invalidQuery,
    firstOfEach(result.error.issues.flatMap(toQueryErrors)),
  );
}

/**
 * Keeps one error per value. A value may break several rules, such as those for integers and
 * amounts.
 */
function firstOfEach(errors: readonly ProblemDetail[]): ProblemDetail[] {
  const seen = new Map<string | undefined, ProblemDetail>();
  for (const error of errors) {
    const where = error.pointer ?? error.parameter;
    if (!seen.has(where)) seen.set(where, error);
  }
  return [...seen.values()];
}

function toBodyErrors({ path, message, ...issue }: z.core.$ZodIssue): ProblemDetail[] {
  const unknown = unknownKeys(issue);
  if (!unknown) return [{ pointer: jsonPointer(path), detail: message }];
  return unknown.map((key) => ({ pointer: jsonPointer([...path, key]), detail: 'is not known here' }));
}

function toQueryErrors({ path, message, ...issue }: z.core.$ZodIssue): ProblemDetail[] {
  const unknown = unknownKeys(issue);
  if (!unknown) return [{ parameter: path.map(String).join('.'), detail: message }];
  return unknown.map((parameter) => ({ parameter, detail: 'is not known here' }));
}

/** Zod reports all unknown keys in one issue. They are repeated in part: a body may be one key. */
function unknownKeys(issue: object): readonly string[] | undefined {
  if (!('keys' in issue) || !Array.isArray(issue.keys)) return undefined;
  return issue.keys.map((key) => {
    const name = String(key);
    return name.length > LONGEST_KEY ? `${oneLine(name, LONGEST_KEY)}…` : name;
  });
}

/** The problem for an id in the address that no entity can have. */
export function invalidId(): ProblemError {
  const detail = 'an id has 1 to 200 of the characters A–Z a–z 0–9 . _ ~ @ : -';
  return new ProblemError(problems.invalidId, detail);
}
