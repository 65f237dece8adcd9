import { log } from '@temporalio/workflow';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { DecideResult, Fold } from '#libs/entity/protocol/entity-messages.js';

/** The pure parts that the loop itself runs. Rules, deadlines and effects are the activity's. */
export type FoldingDecider = Pick<AnyDecider, 'stateVersion' | 'evolve'>;

/** The fold after what an activity has decided and appended. */
export function foldResult(decider: FoldingDecider, fold: Fold, result: DecideResult): Fold {
  if (result.fold) return result.fold;
  if (result.events.length === 0) return fold;
  const { revision, at, hash } = result;
  const { hash: _, ...evolved } = evolveAll(decider, fold, result.events);
  return { ...evolved, revision, ...(at !== undefined && { at }), ...(hash !== undefined && { hash }) };
}

/**
 * Folds on. Under newer code, a replay may meet a state or an event of the older one: then the state is marked as of no
 * version, which makes the next activity fold the stream anew, instead of failing the workflow task for ever.
 */
function evolveAll(decider: FoldingDecider, fold: Fold, events: readonly DomainEvent[]): Fold {
  const unusable = { ...fold, stateVersion: 0 };
  if (fold.stateVersion !== decider.stateVersion) return unusable;
  try {
    const evolve = (before: JsonObject, event: DomainEvent) => decider.evolve(before, event) as JsonObject;
    return { ...fold, state: events.reduce(evolve, fold.state) };
  } catch (error) {
    log.error('evolve failed on recorded events; the stream will be folded anew', { error: String(error) });
    return unusable;
  }
}
