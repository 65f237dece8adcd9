import type { AnyDecider } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import { upcast } from '#libs/core/upcast.js';
import { nextLink } from '#libs/event-store/event-hash.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { StreamBehindError } from './entity-activities.errors.js';
import type { Progress } from './progress.js';

/** The fold of no events. */
export function emptyFold(decider: AnyDecider): Fold {
  return { revision: -1, stateVersion: decider.stateVersion, state: decider.initialState as JsonObject };
}

/**
 * Whether folding can continue from here: the state has the current version, and the hash of its
 * stream is known.
 */
export function isUsable({ stateVersion }: AnyDecider, fold: Fold): boolean {
  return fold.stateVersion === stateVersion && (fold.revision < 0 || fold.hash !== undefined);
}

/**
 * The state after an event in its current version. Throws `UnknownVersionError` if newer code wrote
 * the event.
 */
export function stateAfter(decider: AnyDecider, state: JsonObject, event: RecordedEvent): JsonObject {
  const { type, data } = upcast(decider.upcasts, event, event.metadata.schemaVersion);
  return decider.evolve(state, { type, data }) as JsonObject;
}

/**
 * The fold after one more event. The event may be as stored or in its current version: it is hashed
 * as given, and folded in its current version. A hash recorded in the event is used as it is;
 * proving it is the task of the reconciler. Throws `UnknownVersionError` if newer code wrote the
 * event.
 */
export function foldEvent(decider: AnyDecider, fold: Fold, event: RecordedEvent): Fold {
  const hash = event.metadata.hash ?? nextLink(fold.hash, event);
  return {
    revision: event.revision,
    stateVersion: decider.stateVersion,
    state: stateAfter(decider, fold.state, event),
    at: event.metadata.at,
    ...(hash !== undefined && { hash }),
  };
}

/**
 * Folds the events of the stream after `fold`. `see` receives each event with the fold after it.
 */
export async function foldOnwards(
  decider: AnyDecider,
  store: Pick<EventStore, 'read'>,
  stream: string,
  fold: Fold,
  see: (event: RecordedEvent, after: Fold) => void = () => undefined,
): Promise<Fold> {
  let current = fold;
  for await (const event of store.read(stream, { from: fold.revision + 1 })) {
    current = foldEvent(decider, current, event);
    see(event, current);
  }
  return current;
}

/**
 * The fold of a stream up to a revision and no further. Events that a crashed entity wrote after it
 * are found by the next append, together with the commands that they settle. It resumes where an
 * earlier attempt stopped.
 */
export async function refold(
  decider: AnyDecider,
  store: EventStore,
  stream: string,
  revision: number,
  progress?: Progress,
): Promise<Fold> {
  let fold = foldIn(decider, progress?.last, revision) ?? emptyFold(decider);
  const limit = revision - fold.revision;
  if (limit <= 0) return fold;
  for await (const event of store.read(stream, { from: fold.revision + 1, limit })) {
    progress?.check();
    fold = foldEvent(decider, fold, event);
    if (progress?.isDue) progress.note({ fold });
  }
  if (fold.revision < revision) throw new StreamBehindError(stream, revision, fold.revision);
  return fold;
}

/** The fold that was noted, if folding can resume from it. */
function foldIn(decider: AnyDecider, noted: unknown, revision: number): Fold | undefined {
  const { fold } = (noted ?? {}) as { readonly fold?: Fold };
  return fold && isUsable(decider, fold) && fold.revision <= revision ? fold : undefined;
}
