import type { AnyDecider } from '#libs/core/decider.js';
import type { Present } from '#libs/core/public-state.js';

/** What the relay has to know of an entity to publish its state. */
export interface RelayedEntity {
  readonly decider: AnyDecider;
  /** Makes the contract's view of a state. */
  readonly present: Present;
}
