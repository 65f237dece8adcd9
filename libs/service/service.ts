import type { EntityContract } from '#contracts/entity-contract.js';
import type { AnyDecider } from '#libs/core/decider.js';
import type { Present } from '#libs/core/public-state.js';
import type { Call } from '#libs/entity/activities/run-effect.js';
import type { ReadRoute } from '#libs/api/entities/read-route.js';
import type { ViewRegistration } from '#libs/read-model/view-registration.js';

/** An entity, or a saga, with all that is particular to it. */
export interface HostedEntity {
  readonly contract: EntityContract;
  readonly decider: AnyDecider;
  readonly present: Present;
  readonly views: readonly ViewRegistration[];
  /** The lists that show the views. */
  readonly reads: readonly ReadRoute[];
}

/** What makes a service; all else is the same for each of them. */
export interface Service {
  /** Also its task queue: `taskQueueOf` says so for each of its entities. */
  readonly name: string;
  readonly entities: readonly HostedEntity[];
  /** What the effects of its entities call outside, by name. */
  readonly calls?: Readonly<Record<string, Call>>;
  /** The file that the build made of the app's workflows. */
  readonly workflowBundle: URL;
}
