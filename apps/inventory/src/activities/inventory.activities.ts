import { createEntityActivities } from '#libs/entity-activities/entity.activities.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/observability/logger.js';
import { inventoryDecider } from '../domain/inventory.decider.js';

/** Everything that an item's workflows may ask of the world. */
export function createInventoryActivities(dependencies: { store: EventStore; logger: Logger }) {
  return createEntityActivities({ ...dependencies, decider: inventoryDecider });
}
