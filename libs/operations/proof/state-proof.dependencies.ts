import type { Pool } from 'pg';
import type { LiveEntities } from '#libs/entity/gateway/live-entities.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { RelayedEntity } from '#libs/relay/relayed-entity.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { AnyView } from '#libs/core/view-definition.js';

/** The entities of one category, and all that is made of them. */
export interface ProvenCategory extends RelayedEntity {
  readonly category: string;
  readonly views: readonly AnyView[];
}

/** What it takes to compare what is shown with the streams. */
export interface StateProofDependencies {
  readonly categories: readonly ProvenCategory[];
  readonly pool: Pool;
  /** Gives events as they are stored, which is what their hashes are made of. */
  readonly store: EventStore;
  readonly kafka: Kafka;
  readonly live: LiveEntities;
  readonly logger: Logger;
}
