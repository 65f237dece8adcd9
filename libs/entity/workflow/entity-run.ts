import { allHandlersFinished, condition, sleep, workflowInfo } from '@temporalio/workflow';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { keyReused } from '#libs/core/key-reused.js';
import type { Outcome } from '#libs/core/outcome.js';
import { latest, type Timestamp } from '#libs/core/timestamp.js';
import { Alarm, currentTime } from './alarm.js';
import { decideAndAppend, loadEntity } from './entity-activities.proxy.js';
import type {
  DecideResult,
  EntityInput,
  Fold,
  PendingEffect,
  RingEntry,
  Settled,
  Snapshot,
} from '#libs/entity/protocol/entity-messages.js';
import { listen } from './entity-handlers.js';
import { type FoldingDecider, foldResult } from './fold-result.js';
import { Mailbox } from '#libs/entity/protocol/mailbox.js';
import { Outbox } from './outbox.js';
import { ResetWatch } from './reset-watch.js';
import { latestSnapshot, Rest } from './rest.js';
import { WaitingSenders } from './waiting-senders.js';

/** Commands in one drain: one activity, one append. */
const DRAIN_LIMIT = 100;
/** Messages after which a run is continued as new, well before the server's 2,000 updates and 10,000 signals a run. */
const MESSAGES_PER_RUN = 500;

/** Milliseconds. A run that was reset may have had a decision under way, which appends as if nothing had happened. */
const LAST_ATTEMPT = 2_000;

/** One run of an entity: what it has taken in, what it knows, and what it waits for. */
export class EntityRun {
  private readonly mailbox: Mailbox;
  private readonly alarm = new Alarm();
  private readonly outbox: Outbox;
  private readonly senders: WaitingSenders;
  private readonly resets: ResetWatch;
  private readonly stream: string;
  private fold: Fold | undefined;
  private loadedRevision = -1;
  /** Someone found the fold to be wrong: it is made anew, up to a revision that the stream is known to hold. */
  private provenRevision: number | undefined;
  private messages = 0;
  private rest: Rest | undefined;
  private deadline: Timestamp | undefined;

  constructor(
    private readonly decider: FoldingDecider,
    private readonly input: EntityInput,
  ) {
    const { stream, carried } = input;
    this.stream = stream;
    this.fold = carried?.fold;
    this.mailbox = new Mailbox(carried?.ring);
    this.resets = new ResetWatch(carried?.doubtedUpTo);
    this.senders = new WaitingSenders(this.mailbox);
    this.outbox = new Outbox(stream, (reply) => this.admit(reply));
    // What is carried came before anything that this run is sent.
    for (const envelope of carried?.inbox ?? []) this.admit(envelope);
  }

  listen(): void {
    listen({
      countMessage: () => void (this.messages += 1),
      admit: (envelope) => this.admit(envelope),
      settled: (commandId, isNew) => this.settled(commandId, isNew),
      refold: (revision) => void (this.provenRevision = revision),
      state: () => (this.fold ? this.loadedFold() : null),
      receiptOf: (commandId) => this.mailbox.receiptOf(commandId),
    });
  }

  /** Whether the workflow was reset since this was asked. */
  takeReset(): boolean {
    return this.resets.take();
  }

  /**
   * Loads what the run goes on from. After a reset that is nothing of what it knew: the stream has gone on, and what waits may
   * have been answered.
   */
  async load(isReset: boolean): Promise<void> {
    const { stream, mailbox } = this;
    const carried = isReset ? undefined : this.input.carried;
    if (isReset && mailbox.size > 0) await sleep(LAST_ATTEMPT);
    const now = currentTime();
    // Always asked, so that a raised state version needs no patch: whether to refold is the activity's recorded answer.
    const loaded = await loadEntity({ stream, now, ...(carried && { carried: carried.fold }) });
    this.resets.noteLoad(loaded.runId, isReset ? now : undefined);
    if (loaded.fold) this.fold = loaded.fold;
    this.loadedRevision = this.loadedFold().revision;
    if (loaded.rest) this.rest = new Rest(loaded.rest, latestSnapshot(loaded, carried));
    this.alarm.endsTimers = loaded.endsTimers === true;
    this.expect(loaded.deadline);
    if (loaded.ring) {
      // What began this life may be a repeat of what was settled in one before.
      this.senders.noteRemembered(loaded.ring.entries.map(({ outcome }) => outcome.commandId));
      // Rejections leave no trace in the stream: whatever comes under a key is looked for from now on.
      const ring = isReset ? { ...loaded.ring, evictedUpTo: now } : loaded.ring;
      mailbox.recall(ring, (envelope) => this.keyReused(envelope));
    }
    this.addEffects([...(carried?.effects ?? []), ...(loaded.effects ?? [])]);
  }

  waitForWork(): Promise<void> {
    const mayEnd = () => this.wantsNewRun() && allHandlersFinished() && !this.outbox.isWithdrawing;
    return condition(() => this.hasWork || this.isRestDue || mayEnd());
  }

  get hasWork(): boolean {
    const { mailbox, alarm, provenRevision } = this;
    return (
      this.resets.hasSeenOne ||
      mailbox.size > 0 ||
      alarm.rungFor !== undefined ||
      provenRevision !== undefined
    );
  }

  get isRestDue(): boolean {
    return this.rest?.hasRung === true;
  }

  async mayContinueAsNew(): Promise<boolean> {
    const isBusy = this.senders.areOwed || this.outbox.isWithdrawing;
    if (!this.wantsNewRun() || isBusy || !this.mailbox.isSmallEnoughToCarry) return false;
    if (this.provenRevision === undefined && this.rest?.isSnapshotDue(this.loadedFold().revision)) {
      await this.rest.save(this.stream, this.snapshot());
      return false; // What came meanwhile comes first.
    }
    // The handlers are answered and about to finish; one that arrives meanwhile needs another drain first. To wait for
    // the handlers alone would be a deadlock then.
    await condition(() => allHandlersFinished() || this.senders.areOwed);
    return allHandlersFinished();
  }

  /** Whether the run may end for good, with a snapshot left behind: nothing has come for a while, and nothing is waited for. */
  async mayRest(): Promise<boolean> {
    const rest = this.rest as Rest;
    rest.reset();
    if (rest.isIdle && this.isAtRest()) {
      if (rest.isSnapshotGoodEnough(this.loadedFold().revision)) return true;
      if ((await rest.save(this.stream, this.snapshot())) && this.isAtRest()) return true;
    } else if (this.mailbox.nextUnkept().length > 0) {
      await this.decide(); // Hands over what no other memory holds: no drain would, as long as nothing comes.
    }
    if (rest.isIdle) rest.touch();
    if (this.deadline === undefined) rest.arm();
    return false;
  }

  carry(): EntityInput {
    const { inbox } = this.mailbox.carry();
    const carried = { ...this.snapshot(), fold: this.loadedFold(), inbox, ...this.resets.carry() };
    return { ...this.input, carried: { ...carried, ...this.rest?.carry() } };
  }

  async decide(): Promise<void> {
    const { stream, mailbox, alarm } = this;
    const { rungFor } = alarm;
    const now = currentTime();
    const fold = this.loadedFold();
    this.provenRevision = undefined;
    const batch = mailbox.next(DRAIN_LIMIT);
    const unkept = mailbox.nextUnkept();
    const { evictedUpTo } = mailbox;
    const result = await decideAndAppend({
      stream,
      fold,
      batch,
      now,
      ...(rungFor !== undefined && { dueBy: latest(rungFor, now) }),
      searchStream: mailbox.mayHaveForgotten(batch),
      ...(evictedUpTo !== undefined && { evictedUpTo }),
      ...this.resets.request(),
      ...(!this.outbox.isEmpty && { effectBytes: this.outbox.bytes }),
      ...(unkept.length > 0 && { unkept }),
    });
    if (result.wasReset) return this.resets.report();
    this.fold = foldResult(this.decider, fold, result);
    alarm.reset();
    this.rest?.touch();
    this.expect(result.deadline);
    this.settle(unkept, result);
    if (result.found) mailbox.recall({ entries: result.found }, (envelope) => this.keyReused(envelope));
    this.outbox.withdraw(result.withdrawn ?? []);
    this.addEffects(result.effects ?? []);
  }

  private settle(unkept: readonly RingEntry[], result: DecideResult): void {
    const isKept = ({ outcome }: RingEntry) => !result.unkept?.includes(outcome.commandId);
    this.mailbox.noteKept(unkept.filter(isKept));
    this.senders.noteRemembered(result.remembered ?? []);
    this.mailbox.settle(result.outcomes, result.unkept);
    if (result.outcomes.some(({ status }) => status !== 'accepted')) this.rest?.oweSnapshot();
  }

  private addEffects(effects: readonly PendingEffect[]): void {
    this.outbox.add(effects);
    if (effects.length > 0) this.rest?.oweSnapshot();
  }

  private admit(envelope: CommandEnvelope): boolean {
    return this.mailbox.admit(envelope, (reused) => this.keyReused(reused));
  }

  private keyReused({ commandId, sentAt }: CommandEnvelope): Outcome {
    const decidedAt = currentTime();
    return { ...keyReused(commandId, this.fold?.revision ?? -1, decidedAt), sentAt, decidedAt };
  }

  private async settled(commandId: string, isNew: boolean): Promise<Settled> {
    const known = this.fold?.revision;
    const { outcome, isRemembered } = await this.senders.outcomeOf(commandId);
    // New to the inbox and the ring, and yet older than what was folded: the stream remembered it.
    const isInStream = outcome.status === 'accepted' && outcome.revision <= (known ?? this.loadedRevision);
    return isNew && !isRemembered && !isInStream ? outcome : { ...outcome, replayed: true };
  }

  /** Sets the alarm for a deadline; one who waits for none may rest some time. */
  private expect(deadline: Timestamp | undefined): void {
    this.deadline = deadline;
    this.alarm.set(deadline);
    if (deadline === undefined) this.rest?.arm();
  }

  private isAtRest(): boolean {
    const owesNothing = this.outbox.isEmpty && this.deadline === undefined && !this.senders.areOwed;
    return owesNothing && !this.hasWork && this.mailbox.nextUnkept().length === 0 && allHandlersFinished();
  }

  private snapshot(): Snapshot {
    const effects = this.outbox.carry();
    const { ring } = this.mailbox.carry();
    return { fold: this.fold as Fold, ring, ...(effects.length > 0 && { effects }) };
  }

  private wantsNewRun(): boolean {
    const { messagesPerRun = MESSAGES_PER_RUN } = this.input;
    return this.messages >= messagesPerRun || workflowInfo().continueAsNewSuggested;
  }

  private loadedFold(): Fold {
    const fold = this.fold as Fold;
    if (this.provenRevision === undefined) return fold;
    return { ...fold, revision: Math.min(fold.revision, this.provenRevision), stateVersion: 0 };
  }
}
