import type { AnyDecider } from '#libs/core/decider.js';
import { registerView, type ViewRegistration } from '#libs/read-model/view-registration.js';
import { entityIndexView } from './entity-index.projection.js';

/** The index of an entity as the projector keeps it, with the tables that all of them share. */
export function registerEntityIndex(decider: AnyDecider): ViewRegistration {
  return registerView(entityIndexView(decider), new URL('./entity-index.sql', import.meta.url));
}
