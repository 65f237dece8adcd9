import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { failuresWithoutValues } from './failure.interceptor.js';

const options = { interceptors: [failuresWithoutValues], logger: new DefaultLogger('ERROR') };

function failureBy(error: unknown): Promise<unknown> {
  const environment = new MockActivityEnvironment({}, options);
  const fail = async () => {
    throw error;
  };
  return environment.run(fail).catch((failed: unknown) => failed);
}

describe('the failure of an activity', () => {
  it('has the type and the message of the error, and its causes, without values', async () => {
    const cause = Object.assign(new Error('invalid input: "nightjar"'), { code: '22P02' });
    const failure = await failureBy(new RangeError('not written', { cause }));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: 'RangeError',
      message: 'not written',
      cause: { type: 'Error', message: 'invalid input: "…"' },
    });
    const { stack, cause: why } = failure as ApplicationFailure;
    expect(stack).toMatch(/^RangeError: not written\n {4}at /);
    expect(`${stack}${why?.stack}`).not.toContain('nightjar');
  });

  it('is one line of at most 500 characters', async () => {
    expect(await failureBy(new Error(`a\nb${'x'.repeat(1_000)}`))).toMatchObject({
      message: expect.stringMatching(/^a bx{497}$/),
    });
  });

  it.each([
    ['a failure that was made for Temporal', ApplicationFailure.nonRetryable('as it is')],
    ['a cancellation', new CancelledFailure('as it is')],
    ['the end of a cancelled attempt', Object.assign(new Error('as it is'), { name: 'AbortError' })],
  ])('stays %s', async (_, error) => {
    expect(await failureBy(error)).toBe(error);
  });
});
