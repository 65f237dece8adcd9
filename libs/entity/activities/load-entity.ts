import type { AnyDecider } from '#libs/core/decider.js';
import type { LoadRequest, LoadResult } from '#libs/entity/protocol/activity-messages.js';
import type { Snapshot } from '#libs/entity/protocol/entity-messages.js';
import { Mailbox } from '#libs/entity/protocol/mailbox.js';
import type { EntityActivityDependencies } from './entity-activities.dependencies.js';
import { foldOnwards, isUsable, refold } from './fold-stream.js';
import { withLatestKept } from './latest-kept.js';
import { withOutlook } from './outlook.js';
import { isLastOfCommand, type LoadPoint, loadPointIn, StreamLoader } from './stream-loader.js';
import { readSaved, type SavedSnapshot, startOf } from './snapshots.js';
import { currentProgress } from './progress.js';

/**
 * Loads what a run starts from. A carried state is used as it is, unless newer code has raised the
 * state version. Any other run starts from the latest snapshot and folds the events after it.
 */
export async function loadEntity(
  dependencies: EntityActivityDependencies,
  request: LoadRequest,
): Promise<LoadResult> {
  const { decider, store, rest, atStep } = dependencies;
  const { stream, now, carried } = request;
  const policy = {
    endsTimers: true,
    idsHoldContent: true,
    triesEffects: true,
    takesTurns: true,
    ...(rest && { rest }),
  } as const;
  if (carried) await atStep?.('continued', [{ stream, commandIds: [] }]);
  if (carried && isUsable(decider, carried)) return withOutlook(decider, carried, now, policy);
  if (carried) {
    const fold = await refold(decider, store, stream, carried.revision, currentProgress());
    return withOutlook(decider, fold, now, { fold, snapshotRevision: -1, ...policy });
  }
  const { fold, ...loaded } = await loadFromStream(dependencies, request);
  return withOutlook(decider, fold, now, { fold, ...loaded, ...policy });
}

async function loadFromStream(
  { decider, store, outcomeMemory }: EntityActivityDependencies,
  { stream, now }: LoadRequest,
) {
  const progress = currentProgress();
  const saved = await readSaved(store, stream);
  const start = loadPointIn(decider, progress.last) ?? loadPointAt(decider, saved?.snapshot);
  const loader = new StreamLoader(decider, stream, start);
  const fold = await foldOnwards(decider, store, stream, start.fold, (event, after) => {
    progress.check();
    loader.see(event, after.state);
    if (progress.isDue && isLastOfCommand(event)) progress.note(loader.at(after));
  });
  const { effects, ring: told } = loader.at(fold);
  const { ring } = new Mailbox(await withLatestKept(outcomeMemory, stream, told, now)).carry();
  return {
    fold,
    ring,
    ...(effects.length > 0 && { effects }),
    ...markOf(decider, saved),
  };
}

/**
 * The ring and effects of a snapshot stay valid even if its state has another version and must be
 * refolded.
 */
function loadPointAt(decider: AnyDecider, snapshot: Snapshot | undefined): LoadPoint {
  const { ring = { entries: [] }, effects = [] } = snapshot ?? {};
  return { fold: startOf(decider, snapshot), ring, effects, toldUpTo: snapshot?.fold.revision ?? -1 };
}

/**
 * Describes the snapshot to the run. A snapshot whose fold could not be used should be replaced
 * soon.
 */
function markOf(decider: AnyDecider, saved: SavedSnapshot | undefined) {
  if (!saved) return {};
  const { snapshot, bytes } = saved;
  if (!isUsable(decider, snapshot.fold)) return { snapshotRevision: -1 };
  return { snapshotRevision: snapshot.fold.revision, ...(!snapshot.effects && { snapshotBytes: bytes }) };
}
