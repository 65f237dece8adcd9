import type { AnyDecider } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { belongsTo, partyOf } from '#libs/core/party.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { emptyFold } from './fold-stream.js';

/**
 * The fold that the sender of a command may know of. For a command that is only for the owner of
 * the entity, sent by another, this is the fold of no events, so that its outcome tells nothing
 * about the entity.
 */
export function foldSeenBy(decider: AnyDecider, fold: Fold, envelope: CommandEnvelope): Fold {
  const party = partyOf(envelope);
  const isSeen = !party || fold.revision < 0 || belongsTo(decider, fold.state, party);
  return isSeen ? fold : emptyFold(decider);
}
