import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type ProblemDetail, ProblemError } from '#libs/core/problem-error.js';
import { accountCommands } from '#contracts/account/account.commands.js';
import { cursorParameter, limitParameter } from '../entities/page-query.js';
import { bodyOf, validateBody, validateQuery } from './validate.js';

function problemOf(validate: () => unknown): ProblemError {
  try {
    validate();
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const errorsOf = (body: unknown, schema: z.ZodType = accountCommands.PlaceHold.schema) =>
  problemOf(() => validateBody(schema, body)).extras.errors as readonly ProblemDetail[];

describe('a body', () => {
  it('comes back as the schema makes it', () => {
    const expiresAt = '2026-12-31T23:59:59Z';
    expect(validateBody(accountCommands.PlaceHold.schema, { holdId: 'h', amount: 1, expiresAt })).toEqual({
      holdId: 'h',
      amount: 1,
      expiresAt: '2026-12-31T23:59:59.000Z',
    });
  });

  it('is answered with a pointer to each thing that is wrong', () => {
    const errors = errorsOf({ holdId: '', amount: 0, typo: 1, 'a/b~c': 2 });
    expect(new Set(errors.map(({ pointer }) => pointer))).toEqual(
      new Set(['/a~1b~0c', '/amount', '/holdId', '/typo']),
    );
  });

  it('is answered without its values, and with a part of a long key', () => {
    const body = {
      holdId: ['nightjar'],
      amount: 'nightjar',
      owner: 'nightjar\n',
      ['k'.repeat(5_000)]: 'nightjar',
    };
    const errors = errorsOf(body);
    expect(JSON.stringify(errors)).not.toContain('nightjar');
    expect(errors.map(({ pointer }) => pointer)).toContain(`/${'k'.repeat(100)}…`);
  });

  it('reports one error for each place', () => {
    expect(errorsOf({ holdId: 'h', amount: 1e308 })).toHaveLength(1);
  });

  it.each([[null], ['text'], [[]], [7], [true]])('is an object, not %j', (body) => {
    expect(errorsOf(body)).toMatchObject([{ pointer: '' }]);
  });

  it('points into lists', () => {
    expect(errorsOf({ list: [1, 'x'] }, z.object({ list: z.array(z.int()) }))).toMatchObject([
      { pointer: '/list/1' },
    ]);
  });
});

describe('a request whose route takes no query', () => {
  it('is refused with one, whatever its body', () => {
    const request = { body: {}, query: { dryRun: 'true' } };
    expect(problemOf(() => bodyOf(z.object({}), request))).toMatchObject({
      status: 400,
      extras: { errors: [{ parameter: 'dryRun' }] },
    });
  });
});

describe('a query', () => {
  const page = z.strictObject({ limit: limitParameter, cursor: cursorParameter });

  it('has its defaults', () => expect(validateQuery(page, {})).toEqual({ limit: 50 }));

  it.each([
    ['limit', { limit: '0' }],
    ['limit', { limit: '201' }],
    ['limit', { limit: '1e2' }],
    ['limit', { limit: ['1', '2'] }],
    ['cursor', { cursor: '' }],
    ['cursor', { cursor: 'c'.repeat(1_001) }],
    ['page', { page: '2' }],
  ])('is refused for its %s: %j', (parameter, query) => {
    const problem = problemOf(() => validateQuery(page, query));
    expect(problem).toMatchObject({ status: 400, extras: { errors: [{ parameter }] } });
  });
});
