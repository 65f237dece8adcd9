import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { AtStep } from '#libs/core/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { UnknownRelayError } from '#libs/kafka/kafka.errors.js';
import type { RelayActivities, RelayInput, RelayTour } from './protocol/relay.messages.js';
import { TOUR_HOURS } from './protocol/relay.messages.js';
import type { RelayedEntity } from './relayed-entity.js';
import { type RelayProgress, runRelay } from './relay.js';

const HEARTBEAT_MILLISECONDS = 1_000;
/** By then the leaving worker has stopped polling. */
const HAND_OVER_MILLISECONDS = 100;
const HOUR_MILLISECONDS = 3_600_000;

export interface RelayDependencies {
  readonly service: string;
  /** What this worker relays, by category. */
  readonly entities: Readonly<Record<string, RelayedEntity>>;
  readonly kafka: Kafka;
  readonly store: EventStore;
  readonly logger: Logger;
  /** See `RelayOptions`. */
  readonly giveUpMilliseconds?: number | undefined;
  /**
   * Aborts when this process shuts down, so that the relay hands over before its worker cancels it.
   */
  readonly shutdown?: AbortSignal;
  /**
   * Called for a category after every step, for health and metrics, and with undefined when the
   * relay no longer runs here.
   */
  readonly onProgress?: (category: string, progress: RelayProgress | undefined) => void;
  /** For commands that are `relayed`. */
  readonly atStep?: AtStep;
}

/**
 * The activity that runs a relay for the lifetime of its worker. Its heartbeats carry the position.
 */
export function createRelayActivities(dependencies: RelayDependencies): RelayActivities {
  return { relayEvents: (input) => relayEvents(dependencies, input) };
}

type Tours = Readonly<Record<string, RelayTour>>;

async function relayEvents(dependencies: RelayDependencies, input: RelayInput): Promise<Tours> {
  const { service, entities, kafka, store, logger, giveUpMilliseconds } = dependencies;
  const { shutdown, onProgress, atStep } = dependencies;
  // A relay of an earlier release is about to be ended.
  if (input.service !== service) throw new UnknownRelayError(`this worker is the relay of ${service} only`);
  const context = Context.current();
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  context.cancellationSignal.addEventListener('abort', stop, { once: true });
  shutdown?.addEventListener('abort', stop, { once: true });
  if (context.cancellationSignal.aborted || shutdown?.aborted) stop();
  const tour = new AbortController();
  tour.signal.addEventListener('abort', stop, { once: true });
  const tourEnds = setTimeout(() => tour.abort(), TOUR_HOURS * HOUR_MILLISECONDS);

  const progress: Record<string, RelayProgress> = {};
  const heartbeat = setInterval(() => context.heartbeat(progress), HEARTBEAT_MILLISECONDS);
  try {
    const ended = await runRelay({
      service,
      entities,
      kafka,
      store,
      logger,
      giveUpMilliseconds,
      signal: stopping.signal,
      onProgress: (category, reached) => {
        progress[category] = reached;
        onProgress?.(category, reached);
      },
      ...(atStep && { atStep }),
    });
    if (context.cancellationDetails?.cancelRequested) throw new CancelledFailure('the relay was cancelled');
    if (!tour.signal.aborted) throw handOver();
    return ended;
  } finally {
    clearInterval(heartbeat);
    clearTimeout(tourEnds);
    shutdown?.removeEventListener('abort', stop);
    for (const category of Object.keys(entities)) onProgress?.(category, undefined);
  }
}

/**
 * A failure, so that the server hands the relay to another worker by itself. With a result, the
 * workflow would have to start the next relay, and the server would first wait for the leaving
 * worker to run the workflow.
 */
function handOver(): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'the worker is shutting down',
    type: 'RelayHandOver',
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: HAND_OVER_MILLISECONDS,
  });
}
