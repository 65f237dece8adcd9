import { registerEntityIndex } from '#libs/entity/memory/register-entity-index.js';
import { registerUsedNames } from '#libs/entity/memory/register-used-names.js';
import type { ViewRegistration } from '#libs/read-model/view-registration.js';
import type { Service } from './service.js';

/**
 * All views that a service keeps: those of its own, and what is indexed of each of its entities. They read events in the
 * versions that the entity reads them in.
 */
export function viewsOf({ entities }: Service): readonly ViewRegistration[] {
  return entities.flatMap(({ views, decider }) =>
    [...views, registerEntityIndex(decider), ...registerUsedNames(decider)].map(({ view, migration }) => {
      return { view: { ...view, upcasts: decider.upcasts ?? {} }, migration };
    }),
  );
}
