import { actingIn } from '#libs/core/acting.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Outcome } from '#libs/core/outcome.js';

/**
 * Adds to outcomes who sent their commands, because senders may read the receipts. An outcome that
 * was found may say so already.
 */
export function withActors(
  batch: readonly CommandEnvelope[],
  outcomes: readonly Outcome[],
): readonly Outcome[] {
  const sent = new Map(batch.map((envelope) => [envelope.commandId, envelope]));
  return outcomes.map((outcome) => {
    const envelope = outcome.actor === undefined ? sent.get(outcome.commandId) : undefined;
    return envelope ? { ...outcome, ...actingIn(envelope) } : outcome;
  });
}
