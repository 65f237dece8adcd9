import { CancelledFailure, Context } from '@temporalio/activity';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/observability/logger.js';
import type { Kafka } from './kafka.js';
import type { RelayActivities, RelayInput, RelayTour } from './relay.messages.js';
import { TOUR_HOURS } from './relay.messages.js';
import { type RelayProgress, runRelay } from './relay.js';

const HEARTBEAT_MILLISECONDS = 1_000;
const HOUR_MILLISECONDS = 3_600_000;

export interface RelayDependencies {
  readonly kafka: Kafka;
  readonly store: EventStore;
  readonly logger: Logger;
  /** Aborts when this process shuts down, so that a relay here makes room before its worker cancels it. */
  readonly shutdown?: AbortSignal;
  /** Told of every step, for health and metrics. */
  readonly onProgress?: (category: string, progress: RelayProgress) => void;
}

/** The activity that is a relay for as long as its worker lives. Its heartbeats carry the position. */
export function createRelayActivities(dependencies: RelayDependencies): RelayActivities {
  return { relayEvents: (input) => relayEvents(dependencies, input) };
}

async function relayEvents(dependencies: RelayDependencies, { category }: RelayInput): Promise<RelayTour> {
  const { kafka, store, logger, shutdown, onProgress } = dependencies;
  const context = Context.current();
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  context.cancellationSignal.addEventListener('abort', stop, { once: true });
  shutdown?.addEventListener('abort', stop, { once: true });
  if (context.cancellationSignal.aborted || shutdown?.aborted) stop();
  const tour = setTimeout(stop, TOUR_HOURS * HOUR_MILLISECONDS);

  let progress: RelayProgress = { relayed: 0 };
  const heartbeat = setInterval(() => context.heartbeat(progress), HEARTBEAT_MILLISECONDS);
  try {
    const ended = await runRelay({
      category,
      kafka,
      store,
      logger,
      signal: stopping.signal,
      onProgress: (reached) => {
        progress = reached;
        onProgress?.(category, reached);
      },
    });
    // Any other end is a hand-over: the workflow starts the next relay at once, wherever a worker is.
    if (context.cancellationDetails?.cancelRequested) throw new CancelledFailure('the relay was cancelled');
    return ended;
  } finally {
    clearInterval(heartbeat);
    clearTimeout(tour);
    shutdown?.removeEventListener('abort', stop);
  }
}
