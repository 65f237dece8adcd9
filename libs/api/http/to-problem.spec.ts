import { describe, expect, it } from '@jest/globals';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import {
  EngineUnavailableError,
  EntityBusyError,
  OutcomeUnknownError,
} from '#libs/entity/gateway/entity-gateway.js';
import { UnknownVersionError } from '#libs/core/upcast.js';
import { FeedsClosedError } from '#libs/event-store/feeds/event-feed.errors.js';
import { StoreUnavailableError, UnknownOutcomeError } from '#libs/event-store/event-store.errors.js';
import { KafkaUnavailableError, TopicsRefusedError } from '#libs/kafka/kafka.errors.js';
import {
  InvalidCursorError,
  TablesBusyError,
  TransactionTimeoutError,
} from '#libs/read-model/read-model.errors.js';
import { problemBody, problemHeaders } from './problem.js';
import { toProblem } from './to-problem.js';

const coded = (code: string) => Object.assign(new Error('x'), { code });

describe('an error as a problem', () => {
  it('names the server that does not answer, and when to retry', () => {
    const problem = toProblem(new EngineUnavailableError('temporal'));
    expect(problem).toMatchObject({
      status: 503,
      code: 'ENGINE.UNAVAILABLE',
      detail: 'temporal does not answer',
      extras: { members: { engine: 'temporal' } },
    });
    expect(problemHeaders(problem)).toEqual({ 'retry-after': '2' });
  });

  it('asks for a pause when an entity is busy', () => {
    const problem = toProblem(new EntityBusyError('2000 commands wait'));
    expect(problem).toMatchObject({ status: 429, code: 'ENTITY.BUSY' });
    expect(problemHeaders(problem)).toEqual({ 'retry-after': '1' });
  });

  it('names the command that may still be carried out', () => {
    const problem = toProblem(new OutcomeUnknownError(['c-1']));
    const extras = { members: { commandId: 'c-1' } };
    expect(problem).toMatchObject({ status: 503, code: 'COMMAND.OUTCOME_UNKNOWN', extras });
    expect(problemHeaders(problem)).toEqual({ 'retry-after': '2' });
  });

  it('asks for a retry while newer code is rolled out', () => {
    const problem = toProblem(new UnknownVersionError('MoneyDeposited', 3, 2));
    expect(problem).toMatchObject({ status: 503, code: 'EVENT.UNKNOWN_VERSION' });
    expect(problemHeaders(problem)).toEqual({ 'retry-after': '2' });
  });

  it('names the cursor', () => {
    const problem = toProblem(new InvalidCursorError('the cursor was not made by this API'));
    expect(problem).toMatchObject({
      status: 400,
      code: 'REQUEST.INVALID_QUERY',
      detail: 'cursor: the cursor was not made by this API',
      extras: { errors: [{ parameter: 'cursor' }] },
    });
  });

  it('names the transactions that hold the tables of a view', () => {
    const holders = [{ pid: 7, application: 'psql', isServer: false, seconds: 60 }];
    const problem = toProblem(new TablesBusyError(['accounts'], holders, 60_000));
    expect(problem).toMatchObject({
      status: 503,
      code: 'VIEW.REBUILD_BUSY',
      extras: { members: { holders } },
    });
    expect(problemHeaders(problem)).toEqual({ 'retry-after': '30' });
  });

  it.each([
    [new StoreUnavailableError('x'), 'event-store'],
    [new UnknownOutcomeError('x'), 'event-store'],
    [new KafkaUnavailableError('x'), 'kafka'],
    [new TopicsRefusedError(new Map([['t', 'topic-invalid']])), 'kafka'],
    [new TransactionTimeoutError('x'), 'postgres'],
    [new FeedsClosedError('x'), 'service'],
  ])('%p names its server', (error, engine) => {
    const extras = { retryAfterSeconds: 2, members: { engine } };
    const detail = `${engine} does not answer`;
    expect(toProblem(error)).toMatchObject({ status: 503, code: 'ENGINE.UNAVAILABLE', detail, extras });
  });

  it('from PostgreSQL names it', () => {
    expect(toProblem(coded('ECONNREFUSED')).extras.members).toEqual({ engine: 'postgres' });
  });

  it.each([
    [400, 'REQUEST.INVALID', 400],
    [404, 'ROUTE.NOT_FOUND', 404],
    [408, 'REQUEST.TIMEOUT', 408],
    [413, 'REQUEST.TOO_LARGE', 413],
    [414, 'REQUEST.URI_TOO_LONG', 414],
    [415, 'REQUEST.UNSUPPORTED_MEDIA_TYPE', 415],
    [418, 'REQUEST.INVALID', 400],
    [431, 'REQUEST.HEADERS_TOO_LARGE', 431],
    [500, 'INTERNAL.DEFECT', 500],
  ])('of status %i is %s', (statusCode, code, status) => {
    expect(toProblem({ statusCode, message: 'x' })).toMatchObject({ code, status });
    expect(toProblem({ status: statusCode, message: 'x' })).toMatchObject({ code, status });
  });

  it.each([new Error('secret'), coded('22021'), undefined, null, 'text', { message: 'secret' }])(
    'that is unknown is an internal error whose text clients do not see (%#)',
    (error) => {
      const problem = toProblem(error);
      expect(problem).toMatchObject({ status: 500, code: 'INTERNAL.DEFECT' });
      expect(JSON.stringify(problemBody(problem, '/', 'trace'))).not.toContain('secret');
    },
  );
});

describe('the body of a problem', () => {
  it('has the members of RFC 9457, a code, errors and the trace id', () => {
    const errors = [{ pointer: '/amount', detail: 'too small' }];
    const problem = new ProblemError(problems.invalidBody, '/amount: too small', {
      errors,
      members: { x: 1 },
    });
    expect(problemBody(problem, '/v1/accounts', 'abc')).toEqual({
      type: '/docs/problems#REQUEST.INVALID_BODY',
      title: 'The body does not match the schema',
      status: 422,
      detail: '/amount: too small',
      instance: '/v1/accounts',
      code: 'REQUEST.INVALID_BODY',
      x: 1,
      errors,
      traceId: 'abc',
    });
  });
});
