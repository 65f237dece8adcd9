import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { FlowHostFacts } from '#libs/core/flow/flow.messages.js';
import type { FlowRound } from '#libs/core/flow/flow-round.js';

/** Adds what only the workflow knows to the commands of a drain. */
export function withHost(
  batch: readonly CommandEnvelope[],
  host: FlowHostFacts,
  round: FlowRound | undefined,
): readonly CommandEnvelope[] {
  return batch.map((envelope) => ({ ...envelope, host: { ...host, ...callbackFact(round, envelope) } }));
}

/**
 * Whether the callback that a command ends is open. Rounds before this one have closed theirs, and
 * a function that has begun again may not have reached the place yet.
 */
function callbackFact(
  round: FlowRound | undefined,
  { type, data, commandId }: CommandEnvelope,
): Pick<FlowHostFacts, 'callback'> {
  const { place } = data;
  if (type !== 'EndCallback' || !round || typeof place !== 'string') return {};
  const standing = round.callbacks.standingOf(place, commandId);
  const callback = standing ?? (round.start.epoch > 0 ? 'over' : undefined);
  return callback === undefined ? {} : { callback };
}
