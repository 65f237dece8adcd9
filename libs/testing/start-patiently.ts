import type { TestWorkflowEnvironment } from '@temporalio/testing';

const ATTEMPTS = 5;

/** Starts a server for tests: the testing package gives one five seconds to come up, which a busy machine may miss. */
export async function startPatiently(
  start: () => Promise<TestWorkflowEnvironment>,
  attempts = ATTEMPTS,
): Promise<TestWorkflowEnvironment> {
  try {
    return await start();
  } catch (error) {
    if (attempts <= 1) throw error;
    return startPatiently(start, attempts - 1);
  }
}
