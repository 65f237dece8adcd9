import { describe, expect, it } from '@jest/globals';
import { accountContract } from '#contracts/account/account.contract.js';
import { mergeOpenApi } from './merge-openapi.js';
import { openApiDocument } from './openapi.js';

interface Operation {
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { readonly headers?: object }>>;
}

const merged = mergeOpenApi([openApiDocument(accountContract, [], '1.0.0')]);
const operations = Object.entries(merged['paths'] as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) => {
    return Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const);
  },
);

describe.each(operations)('%s', (_, { requestBody, responses }) => {
  it('lists the answers of limits', () => {
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['408', '414', '429', '431']));
    // Only where there is a body can it be too large.
    expect('413' in responses).toBe(requestBody !== undefined);
  });

  it('describes the headers that tell of limits, in answers to callers that are known', () => {
    const headersOf = (status: string) => Object.keys(responses[status]?.headers ?? {});
    const limits = ['RateLimit', 'RateLimit-Policy'];
    for (const status of Object.keys(responses)) {
      const isKnown = !['401', '408', '414', '431'].includes(status);
      expect(headersOf(status).filter((name) => limits.includes(name))).toEqual(isKnown ? limits : []);
    }
    expect(headersOf('429')).toContain('Retry-After');
    expect(headersOf('503')).toContain('Retry-After');
  });
});

it('the headers are described once', () => {
  const { headers } = merged['components'] as { readonly headers: object };
  expect(Object.keys(headers)).toEqual(['RateLimit', 'RateLimit-Policy']);
  expect(mergeOpenApi([merged])).toEqual(merged);
});
