import type { AnyDecider } from '#libs/core/decider.js';
import { registerView, type ViewRegistration } from '#libs/read-model/view-registration.js';
import { usedNamesView } from './used-names.projection.js';

/** The used names of an entity as the projector keeps them; none where no event uses any up. */
export function registerUsedNames(decider: AnyDecider): readonly ViewRegistration[] {
  if (!decider.names) return [];
  return [registerView(usedNamesView(decider), new URL('./used-names.sql', import.meta.url))];
}
