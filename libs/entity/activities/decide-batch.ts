import type { AnyDecider } from '#libs/core/decider.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Outcome } from '#libs/core/outcome.js';
import { latest, type Timestamp } from '#libs/core/timestamp.js';
import type { Fold, PendingEffect } from '#libs/entity/protocol/entity-messages.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';
import { commandOf, decideCommand, type Deciding, type Defect, doubtfulOutcome } from './decide-command.js';
import { DueDeadlines, type DueWork } from './due-deadlines.js';
import { foldSeenBy } from './fold-seen-by.js';
import { PlannedAppend } from './planned-append.js';
import { StateBound } from './state-bound.js';
import type { UsedNames } from './used-names.js';

/** What one append will hold, and what its commands are answered once it is written. */
export interface Plan {
  readonly events: readonly EventToAppend[];
  /** The effects of the events. */
  readonly effects: readonly PendingEffect[];
  /** Keys of earlier effects that the events withdraw. */
  readonly withdrawn: readonly string[];
  /** Outcomes of the commands that fit; the others wait for the next append. */
  readonly outcomes: readonly Outcome[];
  readonly due: DueWork;
  /** The fold once the events are written. */
  readonly fold: Fold;
  /** Errors of rules that threw. */
  readonly defects: readonly Defect[];
  /**
   * Names and owners to look up before the batch can be decided. If there are any, the rest of the
   * plan is void.
   */
  readonly wanted: readonly string[];
}

/**
 * Decides a batch on a fold, without any I/O. Everything that is due at the time of a command
 * expires before it; if that fills the append, the command waits for the next one. A command that
 * is only for the owner, sent by another, is decided as if the entity did not exist. A rule that
 * throws fails its own command only. `evolve` runs here too, so that no event is written that the
 * entity could not fold.
 */
export function decideBatch(
  decider: AnyDecider,
  stream: string,
  start: Fold,
  batch: readonly CommandEnvelope[],
  usedNames: UsedNames,
  dueBy?: Timestamp,
  effectBytes = 0,
): Plan {
  const bound = new StateBound(decider, stream, effectBytes);
  const plan = new Round(decider, stream, start, usedNames).decide(batch, dueBy);
  // Measuring costs as much as the state is large, so it is done once a round. Only if the result
  // is too large is the batch decided again, measured command by command.
  const isWithin =
    plan.events.length === 0 ||
    plan.wanted.length > 0 ||
    bound.holds({ state: plan.fold.state, effects: plan.effects });
  return isWithin ? plan : new Round(decider, stream, start, usedNames, bound).decide(batch, dueBy);
}

/** One pass over a batch. */
class Round {
  private readonly deciding: Deciding;
  private readonly planned: PlannedAppend;
  private readonly deadlines: DueDeadlines;
  private readonly defects: Defect[] = [];
  private readonly outcomes: Outcome[] = [];

  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
    start: Fold,
    private readonly usedNames: UsedNames,
    /** If absent, no command is rejected for its size. */
    private readonly bound?: StateBound,
  ) {
    const { defects } = this;
    const entityId = parseStreamName(stream)?.id ?? stream;
    this.planned = new PlannedAppend(decider, stream, start);
    this.deciding = { decider, entityId, usedNames, planned: this.planned, defects };
    // A deadline is met whatever the size of the state.
    const meet = (envelope: CommandEnvelope) => decideCommand(this.deciding, envelope);
    this.deadlines = new DueDeadlines(decider, stream, this.planned, meet, defects);
  }

  decide(batch: readonly CommandEnvelope[], dueBy: Timestamp | undefined): Plan {
    const { planned, deadlines, bound } = this;
    for (const [index, envelope] of batch.entries()) {
      const deciding = this.seenBy(envelope);
      if (!deciding.isHidden) deadlines.meetUntil(latest(envelope.sentAt, planned.fold.at));
      if (deadlines.isFull) break;
      if (this.missing(envelope).length > 0) {
        return this.plan(batch.slice(index).flatMap((one) => this.missing(one)));
      }
      this.outcomes.push(doubtfulOutcome(deciding, envelope) ?? decideCommand(deciding, envelope, bound));
    }
    if (dueBy !== undefined) deadlines.meetUntil(dueBy);
    return this.plan();
  }

  /** What a command is decided with: the entity as its sender may know it. */
  private seenBy(envelope: CommandEnvelope): Deciding {
    const { decider, stream, planned, deciding, usedNames } = this;
    const fold = foldSeenBy(decider, planned.fold, envelope);
    if (fold === planned.fold) return deciding;
    const ofNothing = {
      usedNames: usedNames.asNoEntity(),
      planned: new PlannedAppend(decider, stream, fold),
    };
    return { ...deciding, ...ofNothing, isHidden: true };
  }

  /** Names and owners that have to be looked up before this command can be decided. */
  private missing(envelope: CommandEnvelope): readonly string[] {
    const deciding = this.seenBy(envelope);
    const { fold, newNames } = deciding.planned;
    const missing = deciding.usedNames.missing(commandOf(deciding, envelope), fold.state);
    return missing.filter((name) => !newNames.has(name));
  }

  private plan(wanted: readonly string[] = []): Plan {
    const { planned, deadlines, defects, outcomes } = this;
    const { events, effects, withdrawn, fold } = planned;
    return { events, effects, withdrawn, outcomes, due: deadlines.left, fold, defects, wanted };
  }
}
