import type { AnyDecider } from '#libs/decider/decider.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/observability/logger.js';

/** What the activities of an entity work with. */
export interface EntityActivityDependencies {
  readonly decider: AnyDecider;
  readonly store: EventStore;
  readonly logger: Logger;
}
