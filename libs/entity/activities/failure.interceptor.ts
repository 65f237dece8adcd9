import { CompleteAsyncError } from '@temporalio/activity';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { errorMessage } from '#libs/core/error-text.js';
import { oneLine } from '#libs/core/one-line.js';
import { framesOf } from '#libs/runtime/logged-error.js';

const MOST_CAUSES = 5;
const MAX_MESSAGE = 500;

/**
 * Takes values out of the errors of activities, which Temporal stores in histories and shows in its
 * UI. They keep their types, by which retries are decided.
 */
export const failuresWithoutValues: ActivityInterceptorsFactory = () => ({
  inbound: {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        throw hasMeaning(error) ? error : failureOf(error);
      }
    },
  },
});

/** Of Temporal, or the end of a cancelled attempt. */
function hasMeaning(error: unknown): boolean {
  const isOfTemporal = error instanceof TemporalFailure || error instanceof CompleteAsyncError;
  return isOfTemporal || (error instanceof Error && error.name === 'AbortError');
}

/** The failure that Temporal stores for an error. */
export function failureOf(error: unknown, type = nameOf(error), depth = 0): ApplicationFailure {
  const message = oneLine(errorMessage(error), MAX_MESSAGE);
  const cause = error instanceof Error && depth < MOST_CAUSES ? error.cause : undefined;
  const failure = ApplicationFailure.create({
    message,
    type,
    ...(cause !== undefined && { cause: failureOf(cause, nameOf(cause), depth + 1) }),
  });
  failure.stack = `${type}: ${message}\n${error instanceof Error ? framesOf(error) : ''}`;
  return failure;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}
