import { createEntityActivities } from '#libs/entity-activities/entity.activities.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/observability/logger.js';
import { accountDecider } from '../domain/account.decider.js';

/** Everything that an account's workflows may ask of the world. */
export function createAccountActivities(dependencies: { store: EventStore; logger: Logger }) {
  return createEntityActivities({ ...dependencies, decider: accountDecider });
}
