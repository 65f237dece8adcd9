import { activityInfo } from '@temporalio/activity';
import { jsonBytes } from '#libs/core/json-bytes.js';
import type { Passing } from '#libs/core/step.js';
import type {
  DecideRequest,
  DecideResult,
  EntityActivities,
} from '#libs/entity/protocol/activity-messages.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { upcastingStore } from '#libs/event-store/upcasting-store.js';
import { Patience } from './patience.js';
import { appendDecisions } from './append-decisions.js';
import { EffectTries } from './effect-tries.js';
import type { EntityActivityDependencies } from './entity-activities.dependencies.js';
import { isUsable, refold } from './fold-stream.js';
import { keepOutcomes } from './keep-outcomes.js';
import { loadEntity } from './load-entity.js';
import { keysOf } from './lookup.js';
import { withOutlook } from './outlook.js';
import { runEffect } from './run-effect.js';
import { SearchBudget, SearchedStreams } from './searched-streams.js';
import { saveSnapshot } from './snapshots.js';
import { currentProgress } from './progress.js';
import { tracedDecisions } from './traced-commands.js';
import { tracedEffect } from './traced-effects.js';
import { about } from '#libs/runtime/log-fields.js';

/**
 * More than one append holds. A longer tail, written by other attempts, is returned as its fold,
 * which has a limit.
 */
const MAX_EVENT_BYTES = 600_000;

/**
 * Creates the activities of an entity. They throw `StoreUnavailableError` and
 * `UnknownOutcomeError` if the store is unavailable. Run again, with the same or a larger batch,
 * they write each command once. They throw `UnknownVersionError` if newer code has written to the
 * stream, because its state cannot be computed here.
 */
export function createEntityActivities(given: EntityActivityDependencies): EntityActivities {
  const { decider } = given;
  const store = upcastingStore(given.store, { [decider.name]: decider.upcasts ?? {} });
  const dependencies = { ...given, store };
  const { tries = new EffectTries() } = given;
  const streams = new SearchedStreams(store, (event) => keysOf(event, decider));
  return {
    loadEntity: (request) => loadEntity(dependencies, request),
    decideAndAppend: (request) =>
      tracedDecisions(request, (traced) => decideAndAppend(dependencies, traced, streams)),
    runEffect: (request) => {
      const attempt = activityInfo().attempt + (request.wasTried ? 1 : 0);
      return tracedEffect(request, (traced) => runEffect(dependencies, traced, attempt));
    },
    tryEffect: (request) =>
      tries.try(() => tracedEffect(request, (traced) => runEffect(dependencies, traced, 1))),
    saveSnapshot: async (request) => {
      const result = await saveSnapshot(store, request);
      if (!result.isSaved) given.logger.warn(about(request.stream), 'a snapshot could not be saved');
      return result;
    },
  };
}

async function decideAndAppend(
  dependencies: EntityActivityDependencies,
  request: DecideRequest,
  streams: SearchedStreams,
): Promise<DecideResult> {
  const lookup = { streams, patience: new Patience(), budget: new SearchBudget() };
  const { decider, atStep } = dependencies;
  await atStep?.('received', passing(request));
  const isUsableFold = isUsable(decider, request.fold);
  const start = isUsableFold ? request.fold : await refoldFor(dependencies, request);
  const appended = await appendDecisions(dependencies, request, start, lookup);
  const { fold, events, effects, withdrawn, outcomes, found, remembered, due } = appended;
  const tellsFold = !isUsableFold || jsonBytes(events) > MAX_EVENT_BYTES;
  const unkept = await keepOutcomes(dependencies, request, appended, lookup.patience);
  const result: DecideResult = {
    outcomes,
    events: tellsFold ? [] : events,
    revision: fold.revision,
    ...(fold.at !== undefined && { at: fold.at }),
    ...(fold.hash !== undefined && { hash: fold.hash }),
    ...(tellsFold && { fold }),
    ...(found.length > 0 && { found }),
    ...(remembered.length > 0 && { remembered }),
    ...(unkept.length > 0 && { unkept }),
    ...(effects.length > 0 && { effects }),
    ...(withdrawn.length > 0 && { withdrawn }),
  };
  return withOutlook(decider, fold, request.now, result, due === 'unmet');
}

function refoldFor(
  { decider, store }: EntityActivityDependencies,
  { stream, fold }: DecideRequest,
): Promise<Fold> {
  return refold(decider, store, stream, fold.revision, currentProgress());
}

/** The commands of a batch, for `atStep`. */
function passing({ stream, batch }: DecideRequest): readonly Passing[] {
  return [{ stream, commandIds: batch.map(({ commandId }) => commandId) }];
}
