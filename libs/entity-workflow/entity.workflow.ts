import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { CommandEnvelope } from '#libs/decider/envelope.js';
import type { Outcome } from '#libs/decider/outcome.js';
import { latest, type Timestamp, toTimestamp } from '#libs/decider/timestamp.js';
import { Alarm } from './alarm.js';
import { decideAndAppend, loadEntity } from './entity-activities.proxy.js';
import {
  COMMANDS_SIGNAL,
  type DecideResult,
  type EntityInput,
  EXECUTE_UPDATE,
  type Fold,
  RECEIPT_QUERY,
  REFOLD_SIGNAL,
  type RecentReceipt,
  type RingEntry,
  type Settled,
  STATE_QUERY,
} from './entity-messages.js';
import { type FoldingDecider, foldResult } from './fold-result.js';
import { Mailbox } from './mailbox.js';
import { Outbox } from './outbox.js';

/** Commands in one drain: one activity, one append. */
const DRAIN_LIMIT = 100;
/** Messages after which a run is continued as new, well before the server's 2,000 updates and 10,000 signals a run. */
const MESSAGES_PER_RUN = 500;

const commandsSignal = defineSignal<[readonly CommandEnvelope[]]>(COMMANDS_SIGNAL);
const executeUpdate = defineUpdate<Settled[], [readonly CommandEnvelope[]]>(EXECUTE_UPDATE);
const refoldSignal = defineSignal<[number]>(REFOLD_SIGNAL);
const stateQuery = defineQuery<Fold | null>(STATE_QUERY);
const receiptQuery = defineQuery<RecentReceipt, [string]>(RECEIPT_QUERY);

/**
 * The life of an entity: takes commands in by signal and update, has them decided and appended by one local activity a
 * drain, folds the events it returns, sees to their effects, and wakes at its deadlines. Runs for ever, in runs of bounded
 * history.
 */
export async function runEntity(decider: FoldingDecider, input: EntityInput): Promise<never> {
  const run = new EntityRun(decider, input);
  // Handlers stand before anything is awaited: a signal that started this run is already waiting for them.
  run.listen();
  await run.load();
  for (;;) {
    await run.waitForWork();
    if (await run.mayContinueAsNew()) return continueAsNew(run.carry());
    await run.decide();
  }
}

class EntityRun {
  private readonly mailbox: Mailbox;
  private readonly alarm = new Alarm();
  private readonly outbox: Outbox;
  /** Commands that an update handler still has to answer. */
  private readonly awaited = new Set<string>();
  /** Those among them whose outcome is an old one. */
  private readonly remembered = new Set<string>();
  private readonly stream: string;
  private fold: Fold | undefined;
  private loadedRevision = -1;
  /** Someone found the fold to be wrong: it is made anew, up to a revision that the stream is known to hold. */
  private provenRevision: number | undefined;
  private messages = 0;

  constructor(
    private readonly decider: FoldingDecider,
    private readonly input: EntityInput,
  ) {
    const { stream, carried } = input;
    this.stream = stream;
    this.fold = carried?.fold;
    this.mailbox = new Mailbox(carried?.ring);
    this.outbox = new Outbox(stream, (reply) => this.admit(reply));
    // What is carried came before anything that this run is sent.
    for (const envelope of carried?.inbox ?? []) this.admit(envelope);
  }

  listen(): void {
    setHandler(commandsSignal, (envelopes) => {
      this.messages += 1;
      for (const envelope of envelopes) this.admit(envelope);
    });
    setHandler(executeUpdate, async (envelopes) => {
      this.messages += 1;
      const isNew = envelopes.map((envelope) => this.admit(envelope));
      return Promise.all(
        envelopes.map(({ commandId }, index) => this.settled(commandId, isNew[index] === true)),
      );
    });
    setHandler(refoldSignal, (revision) => {
      this.provenRevision = revision;
    });
    setHandler(stateQuery, () => (this.fold ? this.loadedFold() : null));
    setHandler(receiptQuery, (commandId) => this.mailbox.receiptOf(commandId));
  }

  async load(): Promise<void> {
    const { stream, fold, mailbox } = this;
    // Always asked, so that a raised state version needs no patch: whether to refold is the activity's recorded answer.
    const loaded = await loadEntity({ stream, now: currentTime(), ...(fold && { carried: fold }) });
    if (loaded.fold) this.fold = loaded.fold;
    this.loadedRevision = this.loadedFold().revision;
    this.alarm.set(loaded.deadline);
    if (loaded.ring) {
      // What began this life may be a repeat of what was settled in one before.
      this.noteRemembered(loaded.ring.entries.map(({ outcome }) => outcome.commandId));
      mailbox.recall(loaded.ring, (envelope) => this.keyReused(envelope));
    }
    this.outbox.add([...(this.input.carried?.effects ?? []), ...(loaded.effects ?? [])]);
  }

  waitForWork(): Promise<void> {
    return condition(
      () =>
        this.mailbox.size > 0 ||
        this.alarm.rungFor !== undefined ||
        this.provenRevision !== undefined ||
        (this.wantsNewRun() && allHandlersFinished()),
    );
  }

  async mayContinueAsNew(): Promise<boolean> {
    if (!this.wantsNewRun() || this.owesAnswers() || !this.mailbox.isSmallEnoughToCarry) return false;
    // The handlers are answered and about to finish; one that arrives meanwhile needs another drain first. To wait for
    // the handlers alone would be a deadlock then.
    await condition(() => allHandlersFinished() || this.owesAnswers());
    return allHandlersFinished();
  }

  carry(): EntityInput {
    const effects = this.outbox.carry();
    return {
      ...this.input,
      carried: { fold: this.loadedFold(), ...this.mailbox.carry(), ...(effects.length > 0 && { effects }) },
    };
  }

  async decide(): Promise<void> {
    const { stream, mailbox, alarm } = this;
    const { rungFor } = alarm;
    const now = currentTime();
    const fold = this.loadedFold();
    this.provenRevision = undefined;
    const batch = mailbox.next(DRAIN_LIMIT);
    const unkept = mailbox.nextUnkept();
    const result = await decideAndAppend({
      stream,
      fold,
      batch,
      now,
      ...(rungFor !== undefined && { dueBy: latest(rungFor, now) }),
      searchStream: mailbox.mayHaveForgotten(batch),
      ...(unkept.length > 0 && { unkept }),
    });
    this.fold = foldResult(this.decider, fold, result);
    alarm.reset();
    alarm.set(result.deadline);
    this.settle(unkept, result);
    if (result.found) mailbox.recall({ entries: result.found }, (envelope) => this.keyReused(envelope));
    this.outbox.add(result.effects ?? []);
  }

  private settle(unkept: readonly RingEntry[], result: DecideResult): void {
    const isKept = ({ outcome }: RingEntry) => !result.unkept?.includes(outcome.commandId);
    this.mailbox.noteKept(unkept.filter(isKept));
    this.noteRemembered(result.remembered ?? []);
    this.mailbox.settle(result.outcomes, result.unkept);
  }

  private noteRemembered(commandIds: readonly string[]): void {
    for (const commandId of commandIds) if (this.awaited.has(commandId)) this.remembered.add(commandId);
  }

  private admit(envelope: CommandEnvelope): boolean {
    return this.mailbox.admit(envelope, (reused) => this.keyReused(reused));
  }

  private keyReused({ commandId }: CommandEnvelope): Outcome {
    return {
      status: 'rejected',
      commandId,
      revision: this.fold?.revision ?? -1,
      code: 'IDEMPOTENCY.KEY_REUSED',
      detail: 'the idempotency key was used for another command',
      at: currentTime(),
    };
  }

  private async settled(commandId: string, isNew: boolean): Promise<Settled> {
    const known = this.fold?.revision;
    const outcome = await this.outcomeOf(commandId);
    // New to the inbox and the ring, and yet older than what was folded: the stream remembered it.
    const isInStream = outcome.status === 'accepted' && outcome.revision <= (known ?? this.loadedRevision);
    const isRemembered = this.remembered.delete(commandId) || isInStream;
    return isNew && !isRemembered ? outcome : { ...outcome, replayed: true };
  }

  private async outcomeOf(commandId: string): Promise<Outcome> {
    this.awaited.add(commandId);
    await condition(() => this.mailbox.outcomeOf(commandId) !== undefined);
    this.awaited.delete(commandId);
    return this.mailbox.outcomeOf(commandId) as Outcome;
  }

  private wantsNewRun(): boolean {
    const { messagesPerRun = MESSAGES_PER_RUN } = this.input;
    return this.messages >= messagesPerRun || workflowInfo().continueAsNewSuggested;
  }

  private owesAnswers(): boolean {
    return [...this.awaited].some((commandId) => !this.mailbox.outcomeOf(commandId));
  }

  private loadedFold(): Fold {
    const fold = this.fold as Fold;
    if (this.provenRevision === undefined) return fold;
    return { ...fold, revision: Math.min(fold.revision, this.provenRevision), stateVersion: 0 };
  }
}

/** The time of the workflow task: the same in a replay. */
function currentTime(): Timestamp {
  return toTimestamp(Date.now());
}
