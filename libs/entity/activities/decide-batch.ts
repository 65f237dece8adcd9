import { problems } from '#libs/core/problems.js';
import type { AnyDecider, Command, Deadline, DomainEvent } from '#libs/core/decider.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import { oneLine } from '#libs/core/one-line.js';
import { outcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Outcome } from '#libs/core/outcome.js';
import { isRejection } from '#libs/core/rejection.js';
import { latest, type Timestamp } from '#libs/core/timestamp.js';
import type { Fold, PendingEffect } from '#libs/entity/protocol/entity-messages.js';
import { nextLink } from '#libs/event-store/event-hash.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';
import { AskedEffects } from './pending-effects.js';
import { dueEnvelope } from './due-envelope.js';
import { eventToAppend } from './event-to-append.js';
import { type Carried, StateBound } from './state-bound.js';
import type { UsedNames } from './used-names.js';

/** Half of what the store takes in one append: room for ids, names and framing. */
const MAX_APPEND_BYTES = 512 * 1024;
/** Of a rejection, which the ring keeps. */
const MAX_DETAIL = 1_000;
/** Deadlines met in one append, however small their events are. */
const MAX_DUE_IN_AN_APPEND = 2_000;

/**
 * What is left of the deadlines that a batch had to meet. `left`: there was no room for all of them in this append, and the
 * next one takes more. `unmet`: the earliest one cannot be met, its rule refuses or throws.
 */
export type DueWork = 'none' | 'left' | 'unmet';

/** What one append will hold, and what is said to its commands once it is written. */
export interface Plan {
  readonly events: readonly EventToAppend[];
  /** What the events ask for, once they are written. */
  readonly effects: readonly PendingEffect[];
  /** Keys of effects that were asked for before and are withdrawn. */
  readonly withdrawn: readonly string[];
  /** Of the commands that fit; the others are left for the next append. */
  readonly outcomes: readonly Outcome[];
  readonly due: DueWork;
  /** The fold once the events are written. */
  readonly fold: Fold;
  /** Defects met on the way: rules that threw. */
  readonly defects: readonly unknown[];
  /** Names and owners that have to be looked for before the batch can be decided; nothing else of such a plan counts. */
  readonly wanted: readonly string[];
}

/**
 * Decides a batch against a fold, without touching the world. Whatever is due at the time of a command expires before it: a
 * command for which that leaves no room is not decided, and waits for the next append. A rule that throws fails its own
 * command; `evolve` is tried here first, so that nothing is written that the entity could not fold.
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
  const plan = decideRound(new Round(decider, stream, start, usedNames), batch, dueBy);
  // Measured once a round, since it costs as much as the state is large; command by command only where it does not fit.
  const isWithin = plan.events.length === 0 || plan.wanted.length > 0 || bound.holds(carriedBy(plan));
  return isWithin ? plan : decideRound(new Round(decider, stream, start, usedNames, bound), batch, dueBy);
}

function carriedBy({ fold: { state }, effects }: Pick<Plan, 'fold' | 'effects'>): Carried {
  return { state, effects };
}

function decideRound(round: Round, batch: readonly CommandEnvelope[], dueBy: Timestamp | undefined): Plan {
  for (const [index, envelope] of batch.entries()) {
    round.expireUntil(latest(envelope.sentAt, round.fold.at));
    if (round.isFull) break;
    if (round.missingNames(envelope).length > 0) {
      return round.plan(batch.slice(index).flatMap((one) => round.missingNames(one)));
    }
    round.decide(envelope);
  }
  if (dueBy !== undefined) round.expireUntil(dueBy);
  return round.plan();
}

class Round {
  readonly events: EventToAppend[] = [];
  readonly outcomes: Outcome[] = [];
  readonly defects: unknown[] = [];
  due: DueWork = 'none';
  private bytes = 0;
  /** Commands of the deadlines that were met. */
  private readonly met = new Set<string>();
  private readonly asked: AskedEffects;
  private readonly entityId: string;
  /** Names that the events of this round use up. */
  private readonly newNames = new Set<string>();

  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
    public fold: Fold,
    private readonly usedNames: UsedNames,
    /** Absent: nothing is refused for its size. */
    private readonly bound?: StateBound,
  ) {
    this.asked = new AskedEffects(decider, stream);
    this.entityId = parseStreamName(stream)?.id ?? stream;
  }

  plan(wanted: readonly string[] = []): Plan {
    const { events, effects, outcomes, due, fold, defects } = this;
    return { events, effects, withdrawn: [...this.asked.withdrawn], outcomes, due, fold, defects, wanted };
  }

  get effects(): readonly PendingEffect[] {
    return this.asked.effects;
  }

  get isFull(): boolean {
    return this.bytes >= MAX_APPEND_BYTES || this.met.size >= MAX_DUE_IN_AN_APPEND;
  }

  missingNames(envelope: CommandEnvelope): readonly string[] {
    const missing = this.usedNames.missing(this.commandOf(envelope), this.fold.state);
    return missing.filter((name) => !this.newNames.has(name));
  }

  decide(envelope: CommandEnvelope): void {
    this.outcomes.push(this.doubted(envelope) ?? this.apply(envelope, this.bound));
  }

  /** The outcome of a command of which it cannot be known whether its names are new. */
  private doubted(envelope: CommandEnvelope): Outcome | undefined {
    const { fold, newNames, usedNames } = this;
    if (!usedNames.isDoubtful(this.commandOf(envelope), fold.state, newNames)) return undefined;
    return outcomeUnknown(envelope.commandId, fold.revision, latest(envelope.sentAt, fold.at));
  }

  /** Lets everything expire that is due, earliest first, as far as there is room. */
  expireUntil(moment: Timestamp): void {
    for (;;) {
      const deadline = this.decider.deadline?.(this.fold.state);
      if (!deadline || deadline.at > moment) return this.leave('none');
      if (this.isFull) return this.leave('left');
      if (!this.meet(deadline)) return this.leave('unmet');
    }
  }

  private leave(due: DueWork): void {
    this.due = due;
  }

  /** False when the deadline stands after its command as before: a defect, and no reason to hold up anything else. */
  private meet(deadline: Deadline): boolean {
    const envelope = dueEnvelope(this.stream, deadline);
    const { type, commandId } = envelope;
    const isRepeat = this.met.has(commandId);
    const status = isRepeat ? 'due again' : this.apply(envelope).status;
    this.met.add(commandId);
    if (status !== 'accepted') this.defects.push(new Error(`${type} was due and is ${status}`));
    return status === 'accepted';
  }

  private apply(envelope: CommandEnvelope, bound?: StateBound): Outcome {
    const { commandId, expectedRevision } = envelope;
    const { revision } = this.fold;
    const at = latest(envelope.sentAt, this.fold.at);
    const rejected = (code: string, reason: string): Outcome => {
      const detail = oneLine(reason, MAX_DETAIL);
      return { status: 'rejected', commandId, revision, code, detail, at };
    };
    if (expectedRevision !== undefined && expectedRevision !== revision) {
      return rejected('REVISION.MISMATCH', `the entity is at revision ${revision}`);
    }
    try {
      const decision = this.decider.decide(this.withLookedUp(this.commandOf(envelope)), this.fold.state);
      if (isRejection(decision)) return rejected(decision.code, decision.detail);
      const accepted = this.accept(envelope, decision as readonly DomainEvent[], at, bound);
      const tooLarge = `${envelope.type} would add more than the entity can hold`;
      return accepted ?? rejected('ENTITY.STATE_TOO_LARGE', tooLarge);
    } catch (defect) {
      this.defects.push(defect);
      const detail = `${envelope.type} failed inside; nothing was changed`;
      return { status: 'failed', commandId, revision, code: problems.internal.code, detail, at };
    }
  }

  private commandOf({ type, data, sentAt, sender }: CommandEnvelope): Command {
    const at = latest(sentAt, this.fold.at);
    return { type, data, at, entityId: this.entityId, ...(sender !== undefined && { sender }) };
  }

  private withLookedUp(command: Command): Command {
    const { state } = this.fold;
    const usedNames = this.usedNames.usedBy(command, state, this.newNames);
    const endedOwners = this.usedNames.owners.endedOf(command, state);
    return {
      ...command,
      ...(usedNames.length > 0 && { usedNames }),
      ...(endedOwners.length > 0 && { endedOwners }),
    };
  }

  /** Undefined, and nothing changed, where the entity would grow past its bound. */
  private accept(
    envelope: CommandEnvelope,
    decided: readonly DomainEvent[],
    at: Timestamp,
    bound: StateBound | undefined,
  ): Outcome | undefined {
    if (decided.length === 0) throw new TypeError(`${envelope.type} decided neither events nor a rejection`);
    const { commandId } = envelope;
    const made = decided.map((event, index) =>
      eventToAppend(this.decider, this.stream, envelope, event, { index, count: decided.length, at }),
    );
    const toAppend = this.chained(made);
    const asked = new AskedEffects(this.decider, this.stream);
    let { state, revision } = this.fold;
    for (const event of toAppend) {
      state = this.decider.evolve(state, { type: event.type, data: event.data }) as JsonObject;
      revision += 1;
      asked.see({ ...event, revision }, state);
    }
    const after = { state, effects: [...this.effects, ...asked.effects] };
    if (bound?.refuses(envelope, carriedBy(this), after)) return undefined;
    for (const name of decided.flatMap((event) => this.decider.names?.(event) ?? [])) this.newNames.add(name);
    const hash = toAppend.at(-1)?.metadata.hash;
    const { stateVersion } = this.decider;
    this.fold = { revision, stateVersion, state, at, ...(hash !== undefined && { hash }) };
    this.events.push(...toAppend);
    this.asked.followWith(asked);
    this.bytes += toAppend.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)), 0);
    return { status: 'accepted', commandId, revision, events: decided.map(({ type }) => type), at };
  }

  /** Each with the hash of the stream up to it. */
  private chained(events: readonly EventToAppend[]): readonly EventToAppend[] {
    let { revision, hash } = this.fold;
    return events.map((event) => {
      revision += 1;
      hash = nextLink(hash, { ...event, stream: this.stream, revision });
      return { ...event, metadata: { ...event.metadata, ...(hash !== undefined && { hash }) } };
    });
  }
}
