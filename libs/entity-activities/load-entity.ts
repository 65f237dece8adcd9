import type { AnyDecider } from '#libs/decider/decider.js';
import type { LoadRequest, LoadResult, PendingEffect, Ring } from '#libs/entity-workflow/entity-messages.js';
import { Mailbox } from '#libs/entity-workflow/mailbox.js';
import type { EntityActivityDependencies } from './entity-activities.dependencies.js';
import { foldOnwards, isUsable, refold } from './fold-stream.js';
import { withLatestKept } from './latest-kept.js';
import { withDeadline } from './next-deadline.js';
import { effectsOf, replyIdOf } from './pending-effects.js';
import { SettledCommands } from './settled-commands.js';
import { readSaved, type SavedSnapshot, startOf } from './snapshots.js';

/**
 * What a run starts from. One that was carried over needs nothing, unless newer code means something else by its state; one
 * that is born, or born again, begins with the latest snapshot and folds what its stream holds after it.
 */
export async function loadEntity(
  dependencies: EntityActivityDependencies,
  request: LoadRequest,
): Promise<LoadResult> {
  const { decider, store, rest, atStep } = dependencies;
  const { stream, now, carried } = request;
  const policy = { endsTimers: true, ...(rest && { rest }) } as const;
  if (carried) await atStep?.('continued', [{ stream, commandIds: [] }]);
  if (carried && isUsable(decider, carried)) return withDeadline(decider, carried, now, policy);
  if (carried) {
    const fold = await refold(decider, store, stream, carried.revision);
    return withDeadline(decider, fold, now, { fold, snapshotRevision: -1, ...policy });
  }
  const { fold, ...loaded } = await beBorn(dependencies, request);
  return withDeadline(decider, fold, now, { fold, ...loaded, ...policy });
}

async function beBorn(
  { decider, store, outcomeMemory }: EntityActivityDependencies,
  { stream, now }: LoadRequest,
) {
  const saved = await readSaved(store, stream);
  const snapshot = saved?.snapshot;
  const snapshotRevision = snapshot?.fold.revision ?? -1;
  const settled = new SettledCommands();
  const all: PendingEffect[] = [...(snapshot?.effects ?? [])];
  const fold = await foldOnwards(decider, store, stream, startOf(decider, snapshot), (event, state) => {
    // Of these the snapshot tells, also where its state is of other rules and all is folded anew.
    if (event.revision <= snapshotRevision) return;
    settled.see(event);
    all.push(...effectsOf(decider, stream, event, state));
  });
  // What nobody answered may not have been done; to do it again under its id is safe.
  const effects = all.filter(({ id }) => !settled.outcomeOf(replyIdOf(id)));
  const told = joined(snapshot?.ring, settled.toRing());
  const { ring } = new Mailbox(await withLatestKept(outcomeMemory, stream, told, now)).carry();
  return {
    fold,
    ring,
    ...(effects.length > 0 && { effects }),
    ...markOf(decider, saved),
  };
}

/** Describes the snapshot to the run. One whose fold could not be used has to be replaced soon. */
function markOf(decider: AnyDecider, saved: SavedSnapshot | undefined) {
  if (!saved) return {};
  const { snapshot, bytes } = saved;
  if (!isUsable(decider, snapshot.fold)) return { snapshotRevision: -1 };
  return { snapshotRevision: snapshot.fold.revision, ...(!snapshot.effects && { snapshotBytes: bytes }) };
}

/** One ring of two, as if the outcomes of the second had come after those of the first. */
function joined(older: Ring | undefined, newer: Ring): Ring {
  if (!older) return newer;
  const mailbox = new Mailbox(older);
  mailbox.recall(newer, () => {
    throw new TypeError('nothing waits here');
  });
  return mailbox.carry().ring;
}
