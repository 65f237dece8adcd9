import type { Pool } from 'pg';
import type { AnyDecider } from '#libs/decider/decider.js';
import type { LiveEntities } from '#libs/entity-client/live-entities.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { Logger } from '#libs/observability/logger.js';
import type { AnyView } from '#libs/read-model/view-definition.js';

/** The entities of one category, and all that is made of them. */
export interface ProvenCategory {
  readonly category: string;
  readonly decider: AnyDecider;
  readonly views: readonly AnyView[];
}

/** What it takes to compare what is shown with the streams. */
export interface StateProofDependencies {
  readonly categories: readonly ProvenCategory[];
  readonly pool: Pool;
  readonly store: EventStore;
  readonly kafka: Kafka;
  readonly live: LiveEntities;
  readonly logger: Logger;
}
