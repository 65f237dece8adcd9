import {
  ActivityFailure,
  continueAsNew,
  isCancellation,
  proxyActivities,
  sleep,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { RelayActivities, RelayInput } from './relay.messages.js';

const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 10_000;
const QUICK_FAILURE_MILLISECONDS = 60_000;
const MAX_HISTORY_EVENTS = 1_000;

// A retry policy of the server would keep the pause of the last failure for ever; here it starts small after each success.
const { relayEvents } = proxyActivities<RelayActivities>({
  startToCloseTimeout: '24h',
  heartbeatTimeout: '8s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { maximumAttempts: 1 },
});

/**
 * Keeps one relay of a category running somewhere, for ever. A second one may overlap with a dead or paused one for a
 * moment: Kafka fences the older off, so it does no harm.
 */
export async function relay(input: RelayInput): Promise<void> {
  let pause = FIRST_PAUSE_MILLISECONDS;
  while (!workflowInfo().continueAsNewSuggested && workflowInfo().historyLength < MAX_HISTORY_EVENTS) {
    const startedAt = Date.now();
    try {
      await relayEvents(input);
      pause = FIRST_PAUSE_MILLISECONDS;
    } catch (error) {
      if (isCancellation(error)) throw error;
      if (isDead(error)) continue;
      if (Date.now() - startedAt > QUICK_FAILURE_MILLISECONDS) pause = FIRST_PAUSE_MILLISECONDS;
      await sleep(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
    }
  }
  await continueAsNew<typeof relay>(input);
}

/** Its heartbeats stopped: the next one may begin at once. */
function isDead(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
}
