import type { AnyDecider } from '#libs/core/decider.js';
import type { Present } from '#libs/core/public-state.js';

/** What the relay needs to publish the state of an entity. */
export interface RelayedEntity {
  readonly decider: AnyDecider;
  /** Converts a state to the view of the contract. */
  readonly present: Present;
}
