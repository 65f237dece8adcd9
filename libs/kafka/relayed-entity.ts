import type { AnyDecider } from '#libs/decider/decider.js';
import type { Present } from '#libs/decider/public-state.js';

/** What the relay has to know of an entity to publish its state. */
export interface RelayedEntity {
  readonly decider: AnyDecider;
  /** Makes the contract's view of a state. */
  readonly present: Present;
}
