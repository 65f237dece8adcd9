import type { Pool } from 'pg';
import type { LiveEntities } from '#libs/entity/gateway/live-entities.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { RelayedEntity } from '#libs/relay/relayed-entity.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { AnyView } from '#libs/core/view-definition.js';

/** The entities of one category, and everything derived from them. */
export interface ProvenCategory extends RelayedEntity {
  readonly category: string;
  readonly views: readonly AnyView[];
}

/** Dependencies of the comparison with the streams. */
export interface StateProofDependencies {
  readonly categories: readonly ProvenCategory[];
  readonly pool: Pool;
  /** Returns events as stored, which is what their hashes cover. */
  readonly store: EventStore;
  readonly kafka: Kafka;
  readonly live: LiveEntities;
  readonly logger: Logger;
}
