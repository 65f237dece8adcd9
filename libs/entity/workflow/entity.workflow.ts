import {
  allHandlersFinished,
  CancellationScope,
  makeContinueAsNewFunc,
  workflowInfo,
} from '@temporalio/workflow';
import type { AnyFolding } from '#libs/core/decider.js';
import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { decideAndAppend } from './entity-activities.proxy.js';
import { checkedInput, load, setHandlers } from './entity-loop.js';
import { EntityRun } from './entity-run.js';
import type { Passivation } from './passivation.js';
import { turns } from './turns.js';

/**
 * A run continues as new after this many messages, well before the server's 2,000 updates and
 * 10,000 signals per run.
 */
const MESSAGES_PER_RUN = 500;

/**
 * The workflow of an entity: `export const account = entityWorkflow(accountDecider)`.
 *
 * It receives commands by signal and update, has them decided and appended by one local activity
 * per drain, folds the events that the activity returns, runs the effects, and wakes at deadlines.
 * Its history is bounded: a run continues as new after some hundred messages. An entity that is
 * idle or has ended is passivated: its workflow completes, and the next command starts it again.
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
    await turns.until(() => run.hasWork || run.isToPassivate || mayEnd(run));
    if (run.resets.take()) await load(run, true);
    if (await mayContinueAsNew(run)) return continueAsNew(run);
    // The server refuses to complete a run that has an unseen message; the message is then handled
    // first.
    if (run.passivation && run.isToPassivate && (await mayPassivate(run, run.passivation))) return;
    if (run.hasWork) await decide(run);
  }
}

function continueAsNew(run: EntityRun): Promise<never> {
  return makeContinueAsNewFunc<(input: EntityInput) => Promise<void>>(run.nextRun)(run.carry());
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
  await turns.until(() => allHandlersFinished() || senders.areOwed);
  return allHandlersFinished();
}

function wantsNewRun({ messages, input }: EntityRun): boolean {
  const { messagesPerRun = MESSAGES_PER_RUN } = input;
  return messages >= messagesPerRun || workflowInfo().continueAsNewSuggested;
}

/**
 * Whether the entity has ended or was idle for the configured time, and its snapshot is written, so
 * that its workflow can complete.
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
