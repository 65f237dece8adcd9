import { actingIn } from '#libs/core/acting.js';
import type { AnyDecider, Command, DomainEvent } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { oneLine } from '#libs/core/one-line.js';
import { outcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Outcome } from '#libs/core/outcome.js';
import { belongsTo, partyOf } from '#libs/core/party.js';
import { problems } from '#libs/core/problems.js';
import { isRejection, reject, type Rejection } from '#libs/core/rejection.js';
import { latest } from '#libs/core/timestamp.js';
import type { Continuation, PlannedAppend } from './planned-append.js';
import type { StateBound } from './state-bound.js';
import type { LookedUpNames } from './used-names.js';

/** The longest detail of a rejection, which the ring keeps. */
const MAX_DETAIL = 1_000;

/** An error of a rule, and the command that it was to decide. */
export interface Defect {
  readonly error: unknown;
  readonly envelope: CommandEnvelope;
}

/** What commands are decided with. */
export interface Deciding {
  readonly decider: AnyDecider;
  readonly entityId: string;
  readonly usedNames: LookedUpNames;
  readonly planned: PlannedAppend;
  /** The entity exists, but not for the sender. `planned` is then that of no entity. */
  readonly isHidden?: boolean;
  /** Errors of rules that threw; `decideCommand` adds to them. */
  readonly defects: Defect[];
}

/** The command as the rules see it, before any names are looked up. */
export function commandOf(
  { entityId, planned }: Pick<Deciding, 'entityId' | 'planned'>,
  envelope: CommandEnvelope,
): Command {
  const { commandId: id, type, data, sentAt, sender, onlyFor, roles, host } = envelope;
  return {
    type,
    data,
    at: latest(sentAt, planned.fold.at),
    id,
    entityId,
    ...(sender !== undefined && { sender }),
    ...actingIn(envelope),
    ...(onlyFor !== undefined && { onlyFor }),
    ...(roles && { roles }),
    ...(host && { host }),
  };
}

/**
 * Decides one command on the planned state, and adds its events to the append. A rejected command
 * adds nothing, nor does one whose rule throws. Without a `bound`, no command is rejected for its
 * size.
 */
export function decideCommand(deciding: Deciding, envelope: CommandEnvelope, bound?: StateBound): Outcome {
  const { decider, usedNames, planned, defects } = deciding;
  const { commandId, expectedRevision, type } = envelope;
  const { revision, state, at: lastAt } = planned.fold;
  const at = latest(envelope.sentAt, lastAt);
  const rejected = (code: string, reason: string): Outcome => {
    const detail = oneLine(reason, MAX_DETAIL);
    return { status: 'rejected', commandId, revision, code, detail, at };
  };
  if (expectedRevision !== undefined && expectedRevision !== revision) {
    return rejected('REVISION.MISMATCH', `the entity is at revision ${revision}`);
  }
  try {
    const command = usedNames.lookedUp(commandOf(deciding, envelope), state, planned.newNames);
    const decision = decider.decide(command, state);
    if (isRejection(decision)) return rejected(decision.code, decision.detail);
    const decided = decision as readonly DomainEvent[];
    if (decided.length === 0) throw new TypeError(`${type} decided neither events nor a rejection`);
    const after = planned.continuedBy(envelope, decided, at);
    const refusal = refusalOf(deciding, envelope, after, bound);
    if (refusal) return rejected(refusal.code, refusal.detail);
    planned.add(after);
    const events = decided.map((event) => event.type);
    return { status: 'accepted', commandId, revision: after.fold.revision, events, at };
  } catch (defect) {
    defects.push({ error: defect, envelope });
    const detail = `${type} failed inside; nothing was changed`;
    return { status: 'failed', commandId, revision, code: problems.internal.code, detail, at };
  }
}

/** Why events that a rule has decided must not be written; undefined if they may be. */
function refusalOf(
  { decider, entityId, planned, isHidden }: Deciding,
  envelope: CommandEnvelope,
  { fold, effects }: Continuation,
  bound: StateBound | undefined,
): Rejection | undefined {
  const { type } = envelope;
  const { revision, state } = planned.fold;
  const party = partyOf(envelope);
  if (party && revision < 0 && !belongsTo(decider, fold.state, party)) {
    return reject('ACCESS.OWNER_IS_ANOTHER', `the ${decider.name} would not belong to ${party.id}`);
  }
  if (isHidden) return reject(problems.entityNotFound.code, `there is no ${decider.name} ${entityId}`);
  const before = { state, effects: planned.effects };
  return bound?.refuses(envelope, before, { state: fold.state, effects })
    ? reject('ENTITY.STATE_TOO_LARGE', `${type} would add more than the entity can hold`)
    : undefined;
}

/**
 * The outcome of a command that cannot be decided, because it is not known whether its names are
 * new; else undefined.
 */
export function doubtfulOutcome(deciding: Deciding, envelope: CommandEnvelope): Outcome | undefined {
  const { usedNames, planned } = deciding;
  const { fold, newNames } = planned;
  if (!usedNames.isDoubtful(commandOf(deciding, envelope), fold.state, newNames)) return undefined;
  return outcomeUnknown(envelope.commandId, fold.revision, latest(envelope.sentAt, fold.at));
}
