import { continueAsNew, isCancellation, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { RelayActivities, RelayInput } from '../protocol/relay.messages.js';

const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 10_000;
const QUICK_FAILURE_MILLISECONDS = 60_000;
const MAX_HISTORY_EVENTS = 1_000;

// The server itself restarts a dead relay: this workflow's own worker may be the one that died, and
// noticing that takes longer. The retry interval never shrinks, so after some attempts a new
// activity starts with a short one.
const { relayEvents } = proxyActivities<RelayActivities>({
  startToCloseTimeout: '24h',
  heartbeatTimeout: '6s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '5s', maximumAttempts: 8 },
});

/**
 * Keeps one relay of a service running somewhere, indefinitely. A second one may briefly overlap
 * with a dead or paused one: Kafka fences off the older one, so it does no harm.
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
      if (Date.now() - startedAt > QUICK_FAILURE_MILLISECONDS) pause = FIRST_PAUSE_MILLISECONDS;
      await sleep(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
    }
  }
  await continueAsNew<typeof relay>(input);
}
