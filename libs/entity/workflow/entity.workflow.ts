import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxySinks,
  setHandler,
  type Sinks,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { AnyFolding } from '#libs/core/decider.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import {
  COMMANDS_SIGNAL,
  type EntityInput,
  EXECUTE_UPDATE,
  type Fold,
  RECEIPT_QUERY,
  type RecentReceipt,
  REFOLD_SIGNAL,
  type Settled,
  STATE_QUERY,
} from '#libs/entity/protocol/entity-messages.js';
import { carriedIn, faultOfCommands, isRevision } from '#libs/entity/protocol/message-shapes.js';
import { currentTime } from './alarm.js';
import { decideAndAppend, loadEntity } from './entity-activities.proxy.js';
import { EntityRun } from './entity-run.js';
import type { Passivation } from './passivation.js';

/**
 * A run continues as new after this many messages, well before the server's 2,000 updates and
 * 10,000 signals per run.
 */
const MESSAGES_PER_RUN = 500;
/**
 * Milliseconds. When a run is reset, a decision may be under way that appends its events
 * regardless.
 */
const LAST_ATTEMPT = 2_000;

const commandsSignal = defineSignal<[unknown]>(COMMANDS_SIGNAL);
const executeUpdate = defineUpdate<Settled[], [unknown]>(EXECUTE_UPDATE);
const refoldSignal = defineSignal<[unknown]>(REFOLD_SIGNAL);
const stateQuery = defineQuery<Fold | null>(STATE_QUERY);
const receiptQuery = defineQuery<RecentReceipt, [string]>(RECEIPT_QUERY);

/** What an entity reports to the process of its worker. */
export interface EntitySinks extends Sinks {
  readonly entity: {
    /** A signal was dropped because its arguments are malformed. */
    dropped(message: { readonly signal: string; readonly fault: string }): void;
  };
}

/**
 * The workflow of an entity: `export const account = entityWorkflow(accountDecider)`.
 *
 * It receives commands by signal and update, has them decided and appended by one local activity
 * per drain, folds the events that the activity returns, runs the effects, and wakes at deadlines.
 * Its history is bounded: a run continues as new after some hundred messages. An idle entity is
 * passivated: its workflow completes, and the next command starts it again.
 *
 * Cancelling the workflow in Temporal has no effect. A command that was received is decided, and a
 * saga is cancelled by a command.
 */
export function entityWorkflow(folding: AnyFolding): (input: EntityInput) => Promise<void> {
  return async (input) => runEntity(folding, input);
}

async function runEntity(folding: AnyFolding, input: EntityInput): Promise<void> {
  const run = new EntityRun(folding, checkedInput(input));
  // Handlers are set before anything is awaited: the signal that started this run is waiting for
  // them.
  setHandlers(run);
  return CancellationScope.nonCancellable(() => live(run));
}

async function live(run: EntityRun): Promise<void> {
  await load(run, run.resets.take());
  for (;;) {
    await condition(() => run.hasWork || run.passivation?.isDue === true || mayEnd(run));
    if (run.resets.take()) await load(run, true);
    if (await mayContinueAsNew(run)) return continueAsNew(run.carry());
    // The server refuses to complete a run that has an unseen message; the message is then handled
    // first.
    if (run.passivation?.isDue && (await mayPassivate(run, run.passivation))) return;
    if (run.hasWork) await decide(run);
  }
}

/**
 * Anyone with access to Temporal may send any message. A malformed signal is dropped and counted,
 * and a malformed update is rejected. An error thrown by a handler would fail the workflow task at
 * every attempt.
 */
function setHandlers(run: EntityRun): void {
  const { dropped } = proxySinks<EntitySinks>().entity;
  setHandler(commandsSignal, (commands) => {
    run.messages += 1;
    const fault = faultOfCommands(commands);
    if (fault !== undefined) return dropped({ signal: COMMANDS_SIGNAL, fault });
    for (const envelope of commands as readonly CommandEnvelope[]) run.admit(envelope);
  });
  setHandler(
    executeUpdate,
    (commands) => {
      run.messages += 1;
      const envelopes = commands as readonly CommandEnvelope[];
      const isNew = envelopes.map((envelope) => run.admit(envelope));
      const outcomes = () =>
        envelopes.map(({ commandId }, index) => run.settled(commandId, isNew[index] === true));
      // A handler does not run in the scope of the workflow function.
      return CancellationScope.nonCancellable(() => Promise.all(outcomes()));
    },
    { validator: rejectMalformed },
  );
  setHandler(refoldSignal, (revision) => {
    if (isRevision(revision)) run.fold.requestRefold(revision);
    else dropped({ signal: REFOLD_SIGNAL, fault: 'it holds no revision' });
  });
  setHandler(stateQuery, () => run.fold.forQuery());
  setHandler(receiptQuery, (commandId) => run.mailbox.receiptOf(commandId));
}

function rejectMalformed(commands: unknown): void {
  const fault = faultOfCommands(commands);
  if (fault !== undefined) throw ApplicationFailure.nonRetryable(fault, 'MalformedMessage');
}

/**
 * Loads what the run starts from. After a reset, nothing that it knew is valid: the stream may have
 * grown in the meantime.
 */
async function load(run: EntityRun, isReset: boolean): Promise<void> {
  const { stream } = run;
  const carried = isReset ? undefined : run.input.carried;
  if (isReset && run.mailbox.size > 0) await sleep(LAST_ATTEMPT);
  const now = currentTime();
  // The activity is always called. It decides whether to refold, so a raised state version needs no
  // patch here.
  const loaded = await loadEntity({ stream, now, ...(carried && { carried: carried.fold }) });
  run.takeLoaded(loaded, carried, isReset ? now : undefined);
}

/** Decides one drain of the inbox. */
async function decide(run: EntityRun): Promise<void> {
  const request = run.nextRequest();
  const result = await decideAndAppend(request);
  if (result.wasReset) return run.resets.report();
  run.takeResult(request, result);
}

/** Whether the run has received enough messages, and nothing would be lost with it. */
function mayEnd(run: EntityRun): boolean {
  return wantsNewRun(run) && allHandlersFinished() && !run.outbox.isWithdrawing;
}

async function mayContinueAsNew(run: EntityRun): Promise<boolean> {
  const { fold, mailbox, outbox, passivation, senders } = run;
  const isBusy = senders.areOwed || outbox.isWithdrawing;
  if (!wantsNewRun(run) || isBusy || !mailbox.isSmallEnoughToCarry) return false;
  if (!fold.isRefoldRequested && passivation?.isSnapshotDue(fold.revision)) {
    await passivation.save(run.stream, run.snapshot());
    return false; // Messages that arrived in the meantime are handled first.
  }
  // The handlers have their outcomes and are about to finish. If another update arrives now, it
  // needs a drain first: waiting for the handlers alone would be a deadlock.
  await condition(() => allHandlersFinished() || senders.areOwed);
  return allHandlersFinished();
}

function wantsNewRun({ messages, input }: EntityRun): boolean {
  const { messagesPerRun = MESSAGES_PER_RUN } = input;
  return messages >= messagesPerRun || workflowInfo().continueAsNewSuggested;
}

/**
 * Whether the entity was idle for the configured time and its snapshot is written, so that its
 * workflow can complete.
 */
async function mayPassivate(run: EntityRun, passivation: Passivation): Promise<boolean> {
  passivation.reset();
  if (passivation.isIdle && run.isAtRest) {
    if (passivation.isSnapshotGoodEnough(run.fold.revision)) return true;
    if ((await passivation.save(run.stream, run.snapshot())) && run.isAtRest) return true;
  } else if (run.mailbox.nextUnkept().length > 0) {
    await decide(run); // An empty drain hands over the outcomes that no other memory holds.
  }
  if (passivation.isIdle) passivation.touch();
  if (run.deadline === undefined) passivation.arm();
  return false;
}

/**
 * The usable part of the input, which anyone may have written by hand. The stream comes from the
 * workflow id: with another one, two workflows could act for the same entity. Fails the workflow if
 * its id is not that of an entity of its type.
 */
function checkedInput(input: unknown): EntityInput {
  const { workflowId: stream, workflowType } = workflowInfo();
  if (parseStreamName(stream)?.category !== workflowType) {
    throw ApplicationFailure.nonRetryable(`${stream} is not the id of an entity of type ${workflowType}`);
  }
  const { messagesPerRun } = (input ?? {}) as Partial<EntityInput>;
  const carried = carriedIn(input);
  const isLimit = Number.isSafeInteger(messagesPerRun) && (messagesPerRun as number) > 0;
  return { stream, ...(isLimit && { messagesPerRun }), ...(carried && { carried }) };
}
