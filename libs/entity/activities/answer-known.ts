import { type CommandEnvelope, keyOf } from '#libs/core/envelope.js';
import { keyReused } from '#libs/core/key-reused.js';
import { outcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Outcome, Rejected } from '#libs/core/outcome.js';
import type { Rejection } from '#libs/core/rejection.js';
import { latest, type Timestamp } from '#libs/core/timestamp.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { KeptOutcomes } from './kept-outcomes.js';
import type { KeptOutcome } from './outcome-memory.js';
import type { Refuse } from './refuse-undecidable.js';
import type { SettledCommands } from './settled-commands.js';

/** A batch, divided into commands with a known outcome and commands to decide. */
interface KnownAndRest {
  readonly outcomes: readonly Outcome[];
  /** The commands among these whose outcome is that of an earlier send. */
  readonly remembered: readonly string[];
  readonly rest: readonly CommandEnvelope[];
}

/** What is known about a batch before it is decided, in addition to its stream. */
export interface Before {
  readonly kept: KeptOutcomes;
  /** Commands that may have been settled in a part of the stream that could not be searched. */
  readonly doubtful: ReadonlySet<string>;
}

/**
 * Whether an entity has sent a command to itself: a reply to one of its effects, or a milestone of
 * a flow. These are sent once and never repeated.
 */
export function isOwn(stream: string, commandId: string): boolean {
  return commandId.startsWith(`${stream}@`) || commandId.startsWith(`${stream}/`);
}

/**
 * Whether the entity may have settled a command and forgotten it since. This holds for any command
 * with a key, and for commands sent before the last one that the ring dropped.
 */
export function mayBeOld(
  stream: string,
  { commandId, keyId, sentAt }: CommandEnvelope,
  evictedUpTo: Timestamp | undefined,
): boolean {
  if (keyId !== undefined) return true;
  return !isOwn(stream, commandId) && (evictedUpTo === undefined || sentAt <= evictedUpTo);
}

/**
 * Answers the commands that were settled before, and those with a used key. The stream takes
 * precedence: a rejection is kept before its entity knows of it, and an entity that crashed in
 * between may have decided again and accepted the command. So if the stream could not be searched,
 * the outcome is unknown. `seenBy` returns the fold that the sender of a command may know of.
 */
export function answerKnown(
  batch: readonly CommandEnvelope[],
  settled: SettledCommands,
  { kept, doubtful }: Before,
  seenBy: (envelope: CommandEnvelope) => Fold,
  refuse: Refuse,
): KnownAndRest {
  const outcomes: Outcome[] = [];
  const remembered: string[] = [];
  const rest: CommandEnvelope[] = [];
  for (const envelope of batch) {
    const { commandId } = envelope;
    const isDoubtful = doubtful.has(commandId);
    const fold = seenBy(envelope);
    const at = latest(envelope.sentAt, fold.at);
    const first = settled.outcomeOf(commandId) ?? (isDoubtful ? undefined : firstOutcome(kept.of(commandId)));
    const key = keyOf(envelope);
    const used = settled.commandUnder(key) ?? (isDoubtful ? undefined : kept.commandUnder(key));
    if (first) {
      remembered.push(commandId);
      outcomes.push(first);
    } else if (used !== undefined) outcomes.push(keyReused(commandId, fold.revision, at));
    else if (isDoubtful) outcomes.push(outcomeUnknown(commandId, fold.revision, at));
    else {
      const refusal = refuse(envelope);
      if (refusal) outcomes.push(rejection(envelope, refusal, fold.revision, at));
      else rest.push(envelope);
    }
  }
  return { outcomes, remembered, rest };
}

function rejection(
  { commandId }: CommandEnvelope,
  { code, detail }: Rejection,
  revision: number,
  at: Timestamp,
): Rejected {
  return { status: 'rejected', commandId, revision, code, detail, at };
}

/** The outcome of a command that was not accepted when it was first sent. */
export function firstOutcome(kept: KeptOutcome | undefined): Outcome | undefined {
  if (!kept || kept.outcome) return kept?.outcome;
  const { commandId, actor, revision, at } = kept;
  const detail = 'the command was rejected so long ago that the reason is no longer kept';
  const of = { commandId, ...(actor !== undefined && { actor }), revision };
  return { status: 'rejected', ...of, code: 'IDEMPOTENCY.KEY_EXPIRED', detail, at };
}
