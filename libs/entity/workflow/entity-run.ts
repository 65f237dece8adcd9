import { allHandlersFinished } from '@temporalio/workflow';
import { actingIn } from '#libs/core/acting.js';
import type { AnyFolding } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { keyReused } from '#libs/core/key-reused.js';
import type { Outcome } from '#libs/core/outcome.js';
import { latest, type Timestamp } from '#libs/core/timestamp.js';
import type { DecideRequest, DecideResult, LoadResult } from '#libs/entity/protocol/activity-messages.js';
import type {
  EntityInput,
  PendingEffect,
  RingEntry,
  Settled,
  Snapshot,
} from '#libs/entity/protocol/entity-messages.js';
import { Mailbox } from '#libs/entity/protocol/mailbox.js';
import { Alarm, currentTime } from './alarm.js';
import { CurrentFold } from './current-fold.js';
import { Outbox } from './outbox.js';
import { latestSnapshot, Passivation } from './passivation.js';
import { ResetWatch } from './reset-watch.js';
import { turns } from './turns.js';
import { WaitingSenders } from './waiting-senders.js';

/** Commands in one drain: one activity, one append. */
const DRAIN_LIMIT = 100;

/**
 * What one run of an entity knows and waits for. `entity.workflow.ts` says when it loads, decides
 * and ends.
 */
export class EntityRun {
  readonly stream: string;
  readonly fold: CurrentFold;
  readonly mailbox: Mailbox;
  readonly senders: WaitingSenders;
  readonly alarm = new Alarm();
  readonly outbox: Outbox;
  readonly resets: ResetWatch;
  /** Undefined until the run is loaded, and in entities that write no snapshots. */
  passivation: Passivation | undefined;
  /** The next deadline, if the state waits for one. */
  deadline: Timestamp | undefined;
  /** Signals and updates received in this run. */
  messages = 0;
  /** How the next run begins: it may be on another task queue. */
  nextRun: { readonly taskQueue?: string } = {};
  /** Whether ids of a flow's commands to itself hold their content. It was loaded so. */
  idsHoldContent = false;

  constructor(
    folding: AnyFolding,
    readonly input: EntityInput,
  ) {
    const { stream, carried } = input;
    this.stream = stream;
    this.fold = new CurrentFold(folding, carried?.fold);
    this.mailbox = new Mailbox(carried?.ring);
    this.resets = new ResetWatch(carried?.doubtedUpTo);
    this.senders = new WaitingSenders(this.mailbox);
    const isIdle = () => this.mailbox.size === 0 && allHandlersFinished();
    this.outbox = new Outbox(stream, (reply) => this.admit(reply), isIdle);
    // The carried inbox comes before any message to this run.
    for (const envelope of carried?.inbox ?? []) this.admit(envelope);
  }

  /** Puts a command into the inbox. False when it is known already. */
  admit(envelope: CommandEnvelope): boolean {
    return this.mailbox.admit(envelope, (reused) => this.keyReused(reused));
  }

  /** Waits for the outcome of a command; `isNew` when this message brought it. */
  async settled(commandId: string, isNew: boolean): Promise<Settled> {
    const known = this.fold.isLoaded ? this.fold.revision : undefined;
    const { outcome, isRemembered } = await this.senders.outcomeOf(commandId);
    // The command was new to inbox and ring, but its events are older than the fold: the stream
    // remembered it.
    const isInStream =
      outcome.status === 'accepted' && outcome.revision <= (known ?? this.fold.loadedRevision);
    return isNew && !isRemembered && !isInStream ? outcome : { ...outcome, replayed: true };
  }

  get hasWork(): boolean {
    const { resets, mailbox, alarm, fold } = this;
    return resets.hasSeenOne || mailbox.size > 0 || alarm.rungFor !== undefined || fold.isRefoldRequested;
  }

  /** Whether the entity should be passivated if it is at rest. */
  get isToPassivate(): boolean {
    const { passivation } = this;
    return passivation !== undefined && (passivation.isDue || (passivation.isEnded && this.isAtRest));
  }

  /** Whether nothing is under way, waited for or owed, so that the entity can be passivated. */
  get isAtRest(): boolean {
    const owesNothing = this.outbox.isEmpty && this.deadline === undefined && !this.senders.areOwed;
    return owesNothing && !this.hasWork && this.mailbox.nextUnkept().length === 0 && allHandlersFinished();
  }

  /**
   * Takes what was loaded. `resetAt` is the time of the load, if the workflow was reset before it.
   */
  takeLoaded(loaded: LoadResult, carried: EntityInput['carried'], resetAt: Timestamp | undefined): void {
    this.resets.noteLoad(loaded.runId, resetAt);
    this.fold.load(loaded.fold);
    if (loaded.rest) this.passivation = new Passivation(loaded.rest, latestSnapshot(loaded, carried));
    this.alarm.endsTimers = loaded.endsTimers === true;
    this.idsHoldContent = loaded.idsHoldContent === true;
    turns.areTaken = loaded.takesTurns === true;
    this.outbox.triesEffects = loaded.triesEffects === true;
    this.waitUntil(loaded.deadline);
    if (loaded.isEnded) this.passivation?.end();
    if (loaded.ring) {
      // The command that started this run may repeat one that was settled before.
      this.senders.noteRemembered(loaded.ring.entries.map(({ outcome }) => outcome.commandId));
      // Rejections leave no trace in the stream, so after a reset every command with a key is
      // looked up.
      const ring = resetAt === undefined ? loaded.ring : { ...loaded.ring, evictedUpTo: resetAt };
      this.mailbox.recall(ring, (envelope) => this.keyReused(envelope));
    }
    this.addEffects([...(carried?.effects ?? []), ...(loaded.effects ?? [])]);
  }

  /**
   * The next drain: the commands that wait, the deadline that is due, the refold that was
   * requested.
   */
  nextRequest(): DecideRequest {
    const { stream, mailbox, outbox } = this;
    const { rungFor } = this.alarm;
    const now = currentTime();
    const fold = this.fold.takeForActivity();
    const batch = mailbox.next(DRAIN_LIMIT);
    const unkept = mailbox.nextUnkept();
    const { evictedUpTo } = mailbox;
    return {
      stream,
      fold,
      batch,
      now,
      ...(rungFor !== undefined && { dueBy: latest(rungFor, now) }),
      searchStream: mailbox.mayHaveForgotten(batch),
      ...(evictedUpTo !== undefined && { evictedUpTo }),
      ...this.resets.request(),
      ...(!outbox.isEmpty && { effectBytes: outbox.bytes }),
      ...(unkept.length > 0 && { unkept }),
    };
  }

  /** Applies the result of a drain: the new state, the next deadline, outcomes and effects. */
  takeResult({ fold, unkept = [] }: DecideRequest, result: DecideResult): void {
    const { mailbox, outbox } = this;
    this.nextRun = result.moveTo === undefined ? {} : { taskQueue: result.moveTo };
    this.fold.apply(fold, result);
    this.alarm.reset();
    this.passivation?.touch();
    this.waitUntil(result.deadline);
    if (result.isEnded) this.passivation?.end();
    this.settle(unkept, result);
    if (result.found) mailbox.recall({ entries: result.found }, (envelope) => this.keyReused(envelope));
    outbox.withdraw(result.withdrawn ?? []);
    this.addEffects(result.effects ?? []);
  }

  snapshot(): Snapshot {
    const effects = this.outbox.carry();
    const { ring } = this.mailbox.carry();
    return { fold: this.fold.forSnapshot(), ring, ...(effects.length > 0 && { effects }) };
  }

  /** The input of the next run. */
  carry(): EntityInput {
    const { inbox } = this.mailbox.carry();
    const carried = { ...this.snapshot(), fold: this.fold.forActivity(), inbox, ...this.resets.carry() };
    return { ...this.input, carried: { ...carried, ...this.passivation?.carry() } };
  }

  /**
   * Answers the commands that were decided, and notes which outcomes are kept outside the entity by
   * now.
   */
  private settle(unkept: readonly RingEntry[], result: DecideResult): void {
    const isKept = ({ outcome }: RingEntry) => !result.unkept?.includes(outcome.commandId);
    this.mailbox.noteKept(unkept.filter(isKept));
    this.senders.noteRemembered(result.remembered ?? []);
    this.mailbox.settle(result.outcomes, result.unkept);
    if (result.outcomes.some(({ status }) => status !== 'accepted')) this.passivation?.oweSnapshot();
  }

  private addEffects(effects: readonly PendingEffect[]): void {
    this.outbox.add(effects);
    if (effects.length > 0) this.passivation?.oweSnapshot();
  }

  /** Sets the alarm for a deadline. An entity that waits for none may be passivated. */
  private waitUntil(deadline: Timestamp | undefined): void {
    this.deadline = deadline;
    this.alarm.set(deadline);
    if (deadline === undefined) this.passivation?.arm();
  }

  private keyReused(envelope: CommandEnvelope): Outcome {
    const { commandId, sentAt, onlyFor } = envelope;
    const decidedAt = currentTime();
    // Whether the entity exists for a sender that may only use its own is not known here.
    const revision = onlyFor === undefined ? this.fold.revision : -1;
    return { ...keyReused(commandId, revision, decidedAt), ...actingIn(envelope), sentAt, decidedAt };
  }
}
