import { activityInfo } from '@temporalio/activity';
import type { AnyDecider } from '#libs/decider/decider.js';
import type { Passing } from '#libs/decider/step.js';
import type { Timestamp } from '#libs/decider/timestamp.js';
import type {
  DecideRequest,
  DecideResult,
  EntityActivities,
  Fold,
  LoadRequest,
  LoadResult,
  PendingEffect,
} from '#libs/entity-workflow/entity-messages.js';
import { upcastingStore } from '#libs/event-store/upcasting-store.js';
import { appendDecisions } from './append-decisions.js';
import type { EntityActivityDependencies } from './entity-activities.dependencies.js';
import { emptyFold, foldOnwards, isUsable, refold } from './fold-stream.js';
import { keepOutcomes } from './keep-outcomes.js';
import { withLatestKept } from './latest-kept.js';
import { nextDeadline } from './next-deadline.js';
import { effectsOf, replyIdOf } from './pending-effects.js';
import { runEffect } from './run-effect.js';
import { SettledCommands } from './settled-commands.js';

/**
 * The activities of an entity. They throw `StoreUnavailableError` and `UnknownOutcomeError` when the store is away;
 * run again, with the same or a larger batch, they write each command once. They throw `UnknownVersionError` where newer code
 * has written to the stream: nothing is decided on a state that cannot be known here.
 */
export function createEntityActivities(given: EntityActivityDependencies): EntityActivities {
  const { decider } = given;
  const store = upcastingStore(given.store, { [decider.name]: decider.upcasts ?? {} });
  const dependencies = { ...given, store };
  return {
    loadEntity: (request) => loadEntity(dependencies, request),
    decideAndAppend: (request) => decideAndAppend(dependencies, request),
    runEffect: (request) => runEffect(dependencies, request, activityInfo().attempt),
  };
}

async function loadEntity(
  { decider, store, outcomeMemory, atStep }: EntityActivityDependencies,
  { stream, now, carried }: LoadRequest,
): Promise<LoadResult> {
  if (carried) await atStep?.('continued', [{ stream, commandIds: [] }]);
  if (carried && isUsable(decider, carried)) {
    return withDeadline(decider, carried, now, {});
  }
  if (carried) {
    const fold = await refold(decider, store, stream, carried.revision);
    return withDeadline(decider, fold, now, { fold });
  }
  const settled = new SettledCommands();
  const all: PendingEffect[] = [];
  const fold = await foldOnwards(decider, store, stream, emptyFold(decider), (event, state) => {
    settled.see(event);
    all.push(...effectsOf(decider, stream, event, state));
  });
  // What nobody answered may not have been done; to do it again under its id is safe.
  const effects = all.filter(({ id }) => !settled.outcomeOf(replyIdOf(id)));
  const ring = await withLatestKept(outcomeMemory, stream, settled.toRing(), now);
  return withDeadline(decider, fold, now, { fold, ring, ...(effects.length > 0 && { effects }) });
}

async function decideAndAppend(
  dependencies: EntityActivityDependencies,
  request: DecideRequest,
): Promise<DecideResult> {
  const { decider, store, atStep } = dependencies;
  await atStep?.('received', passing(request));
  const canGoOn = isUsable(decider, request.fold);
  const start = canGoOn ? request.fold : await refold(decider, store, request.stream, request.fold.revision);
  const appended = await appendDecisions(dependencies, request, start);
  const { fold, events, effects, outcomes, found, remembered } = appended;
  const unkept = await keepOutcomes(dependencies, request, appended);
  const result: DecideResult = {
    outcomes,
    events,
    revision: fold.revision,
    ...(fold.at !== undefined && { at: fold.at }),
    ...(fold.hash !== undefined && { hash: fold.hash }),
    ...(!canGoOn && { fold }),
    ...(found.length > 0 && { found }),
    ...(remembered.length > 0 && { remembered }),
    ...(unkept.length > 0 && { unkept }),
    ...(effects.length > 0 && { effects }),
  };
  // As long as anything gets done, what is due and left over only did not fit.
  return withDeadline(decider, fold, request.now, result, events.length === 0 ? request.dueBy : undefined);
}

/** The commands of a batch, at a boundary. */
function passing({ stream, batch }: DecideRequest): readonly Passing[] {
  return [{ stream, commandIds: batch.map(({ commandId }) => commandId) }];
}

function withDeadline<T extends object>(
  decider: AnyDecider,
  fold: Fold,
  now: Timestamp,
  result: T,
  triedAt?: Timestamp,
) {
  const deadline = nextDeadline(decider, fold, now, triedAt);
  return { ...result, ...(deadline !== undefined && { deadline }) };
}
