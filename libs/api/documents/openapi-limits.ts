import type { Document } from './openapi-schemas.js';

/** The fields that tell a caller of its limits, as in draft-ietf-httpapi-ratelimit-headers-11. */
export const limitHeaders: Document = {
  RateLimit: {
    description: 'Requests that are left at once, and seconds until there are more',
    schema: { type: 'string' },
    example: '"rate";r=9999;t=1',
  },
  'RateLimit-Policy': {
    description:
      'The limits of the caller: requests at once and the seconds in which they are restored, and requests, waits and feeds at a time',
    schema: { type: 'string' },
    example: '"rate";q=10000;w=5, "requests";q=500;qu="concurrent-requests"',
  },
};

/** Answers to requests whose caller is not known yet. */
const WITHOUT_CALLER: readonly string[] = ['401', '408', '414', '431'];

/** Adds the fields to the answers of every operation that needs a credential. */
export function withLimitHeaders(paths: Record<string, Document>): Record<string, Document> {
  return mapValues(paths, (path) => mapValues(path as Record<string, Document>, limited));
}

function limited(operation: Document): Document {
  if (operation['security'] === undefined) return operation;
  const responses = operation['responses'] as Record<string, Document>;
  return {
    ...operation,
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [
        status,
        WITHOUT_CALLER.includes(status) ? response : withHeaders(response),
      ]),
    ),
  };
}

function withHeaders(response: Document): Document {
  const names = Object.keys(limitHeaders);
  const references = names.map((name) => [name, { $ref: `#/components/headers/${name}` }] as const);
  return {
    ...response,
    headers: { ...(response['headers'] as Document), ...Object.fromEntries(references) },
  };
}

function mapValues<T, R>(values: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
