import type { TestWorkflowEnvironment } from '@temporalio/testing';

const ATTEMPTS = 5;

/**
 * Starts a test server with retries: the testing package gives it five seconds, which a busy
 * machine may miss.
 */
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
