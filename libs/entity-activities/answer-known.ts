import { type CommandEnvelope, keyOf } from '#libs/decider/envelope.js';
import { keyReused } from '#libs/decider/key-reused.js';
import type { Outcome } from '#libs/decider/outcome.js';
import { latest } from '#libs/decider/timestamp.js';
import type { Fold } from '#libs/entity-workflow/entity-messages.js';
import type { KeptOutcomes } from './kept-outcomes.js';
import type { KeptOutcome } from './outcome-memory.js';
import type { SettledCommands } from './settled-commands.js';

/** A batch, parted into what is answered already and what is to be decided. */
interface KnownAndRest {
  readonly outcomes: readonly Outcome[];
  /** Commands among these that have the outcome of an earlier send. */
  readonly remembered: readonly string[];
  readonly rest: readonly CommandEnvelope[];
}

/**
 * Answers the commands that were settled before, and those that come under a used key. The stream has the first word: a
 * rejection was kept before its entity knew of it, and an entity that died in between may have decided again, and accepted.
 */
export function answerKnown(
  batch: readonly CommandEnvelope[],
  settled: SettledCommands,
  kept: KeptOutcomes,
  fold: Fold,
): KnownAndRest {
  const outcomes: Outcome[] = [];
  const remembered: string[] = [];
  const rest: CommandEnvelope[] = [];
  for (const envelope of batch) {
    const { commandId } = envelope;
    const first = settled.outcomeOf(commandId) ?? firstOutcome(kept.of(commandId));
    const used = settled.commandUnder(keyOf(envelope)) ?? kept.commandUnder(keyOf(envelope));
    if (first) {
      remembered.push(commandId);
      outcomes.push(first);
    } else if (used === undefined) rest.push(envelope);
    else outcomes.push(keyReused(commandId, fold.revision, latest(envelope.sentAt, fold.at)));
  }
  return { outcomes, remembered, rest };
}

/** What a command is answered that was not accepted when it came first. */
export function firstOutcome(kept: KeptOutcome | undefined): Outcome | undefined {
  if (!kept || kept.outcome) return kept?.outcome;
  const { commandId, revision, at } = kept;
  const detail = 'the command was rejected so long ago that the reason is no longer kept';
  return { status: 'rejected', commandId, revision, code: 'IDEMPOTENCY.KEY_EXPIRED', detail, at };
}
