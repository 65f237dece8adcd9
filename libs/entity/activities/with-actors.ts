import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Outcome } from '#libs/core/outcome.js';

/**
 * Adds to outcomes the actors of their commands, by whom receipts may be read. An outcome that was
 * found may have it already.
 */
export function withActors(
  batch: readonly CommandEnvelope[],
  outcomes: readonly Outcome[],
): readonly Outcome[] {
  const actors = new Map(batch.map(({ commandId, actor }) => [commandId, actor]));
  return outcomes.map((outcome) => {
    const actor = outcome.actor ?? actors.get(outcome.commandId);
    return actor === undefined ? outcome : { ...outcome, actor };
  });
}
