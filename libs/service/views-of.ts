import { registerEntityIndex } from '#libs/entity-index/register-entity-index.js';
import type { ViewRegistration } from '#libs/read-model/view-registration.js';
import type { Service } from './service.js';

/** All views that a service keeps: those of its own, and the index of each of its entities. */
export function viewsOf({ entities }: Service): readonly ViewRegistration[] {
  return entities.flatMap((entity) => [...entity.views, registerEntityIndex(entity.decider)]);
}
