import type { AnyDecider } from '#libs/decider/decider.js';
import type { Timestamp } from '#libs/decider/timestamp.js';
import type {
  DecideRequest,
  DecideResult,
  EntityActivities,
  Fold,
  LoadRequest,
  LoadResult,
} from '#libs/entity-workflow/entity-messages.js';
import { appendDecisions } from './append-decisions.js';
import type { EntityActivityDependencies } from './entity-activities.dependencies.js';
import { emptyFold, foldOnwards, refold } from './fold-stream.js';
import { nextDeadline } from './next-deadline.js';
import { SettledCommands } from './settled-commands.js';

/**
 * The two activities of an entity. They throw `StoreUnavailableError` and `UnknownOutcomeError` when the store is away;
 * run again, with the same or a larger batch, they write each command once.
 */
export function createEntityActivities(dependencies: EntityActivityDependencies): EntityActivities {
  return {
    loadEntity: (request) => loadEntity(dependencies, request),
    decideAndAppend: (request) => decideAndAppend(dependencies, request),
  };
}

async function loadEntity(
  { decider, store }: EntityActivityDependencies,
  { stream, carried }: LoadRequest,
): Promise<LoadResult> {
  if (carried && carried.stateVersion === decider.stateVersion) {
    return withDeadline(decider, carried, {});
  }
  if (carried) {
    const fold = await refold(decider, store, stream, carried.revision);
    return withDeadline(decider, fold, { fold });
  }
  const settled = new SettledCommands();
  const fold = await foldOnwards(decider, store, stream, emptyFold(decider), (event) => settled.see(event));
  return withDeadline(decider, fold, { fold, ring: settled.toRing() });
}

async function decideAndAppend(
  dependencies: EntityActivityDependencies,
  request: DecideRequest,
): Promise<DecideResult> {
  const { decider, store } = dependencies;
  const isUsable = request.fold.stateVersion === decider.stateVersion;
  const start = isUsable ? request.fold : await refold(decider, store, request.stream, request.fold.revision);
  const { fold, events, outcomes, found } = await appendDecisions(dependencies, request, start);
  const result: DecideResult = {
    outcomes,
    events,
    revision: fold.revision,
    ...(fold.at !== undefined && { at: fold.at }),
    ...(!isUsable && { fold }),
    ...(found.length > 0 && { found }),
  };
  // As long as anything gets done, what is due and left over only did not fit.
  return withDeadline(decider, fold, result, events.length === 0 ? request.dueBy : undefined);
}

function withDeadline<T extends object>(decider: AnyDecider, fold: Fold, result: T, triedAt?: Timestamp) {
  const deadline = nextDeadline(decider, fold, triedAt);
  return { ...result, ...(deadline !== undefined && { deadline }) };
}
