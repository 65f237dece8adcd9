import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { AnyDecider, DomainEvent } from '#libs/decider/decider.js';
import type { CommandEnvelope } from '#libs/decider/envelope.js';
import type { JsonObject } from '#libs/decider/json.js';
import type { Outcome } from '#libs/decider/outcome.js';
import { latest, toTimestamp } from '#libs/decider/timestamp.js';
import { Alarm } from './alarm.js';
import { decideAndAppend, loadEntity } from './entity-activities.proxy.js';
import {
  COMMANDS_SIGNAL,
  type DecideResult,
  type EntityInput,
  EXECUTE_UPDATE,
  type Fold,
  RECEIPT_QUERY,
  type RecentReceipt,
  type Settled,
  STATE_QUERY,
} from './entity-messages.js';
import { Mailbox } from './mailbox.js';

/** Commands in one drain: one activity, one append. */
const DRAIN_LIMIT = 100;
/** Messages after which a run is continued as new, well before the server's 2,000 updates and 10,000 signals a run. */
const MESSAGES_PER_RUN = 500;

const commandsSignal = defineSignal<[readonly CommandEnvelope[]]>(COMMANDS_SIGNAL);
const executeUpdate = defineUpdate<Settled[], [readonly CommandEnvelope[]]>(EXECUTE_UPDATE);
const stateQuery = defineQuery<Fold | null>(STATE_QUERY);
const receiptQuery = defineQuery<RecentReceipt, [string]>(RECEIPT_QUERY);

/** The pure parts that the loop itself runs. Rules, deadlines and effects are the activity's. */
export type FoldingDecider = Pick<AnyDecider, 'stateVersion' | 'evolve'>;

/**
 * The life of an entity: takes commands in by signal and update, has them decided and appended by one local activity a
 * drain, folds the events it returns, and wakes at its deadlines. Runs for ever, in runs of bounded history.
 */
export async function runEntity(decider: FoldingDecider, input: EntityInput): Promise<never> {
  const { stream, carried } = input;
  const mailbox = new Mailbox(carried?.ring);
  const alarm = new Alarm();
  /** Commands that an update handler still has to answer. */
  const awaited = new Set<string>();
  let fold = carried?.fold;
  let messages = 0;

  const reuse = ({ commandId }: CommandEnvelope): Outcome => ({
    status: 'rejected',
    commandId,
    revision: fold?.revision ?? -1,
    code: 'IDEMPOTENCY.KEY_REUSED',
    detail: 'the idempotency key was used for another command',
    at: toTimestamp(Date.now()),
  });

  // What is carried came first. Handlers stand before anything is awaited: a signal that started this run is already
  // waiting for them.
  for (const envelope of carried?.inbox ?? []) mailbox.admit(envelope, reuse);
  setHandler(commandsSignal, (envelopes) => {
    messages += 1;
    for (const envelope of envelopes) mailbox.admit(envelope, reuse);
  });
  setHandler(executeUpdate, async (envelopes) => {
    messages += 1;
    const isNew = envelopes.map((envelope) => mailbox.admit(envelope, reuse));
    return Promise.all(
      envelopes.map(async ({ commandId }, index) => {
        awaited.add(commandId);
        await condition(() => mailbox.outcomeOf(commandId) !== undefined);
        awaited.delete(commandId);
        const outcome = mailbox.outcomeOf(commandId) as Outcome;
        return isNew[index] ? outcome : { ...outcome, replayed: true };
      }),
    );
  });
  setHandler(stateQuery, () => fold ?? null);
  setHandler(receiptQuery, (commandId) => mailbox.receiptOf(commandId));

  // Always asked, so that a raised state version needs no patch: whether to refold is the activity's recorded answer.
  const loaded = await loadEntity({ stream, ...(fold && { carried: fold }) });
  fold = loaded.fold ?? (fold as Fold);
  alarm.set(loaded.deadline);
  if (loaded.ring) mailbox.recall(loaded.ring, reuse);

  const wantsNewRun = (): boolean =>
    messages >= MESSAGES_PER_RUN || workflowInfo().continueAsNewSuggested === true;
  const owesAnswers = (): boolean => [...awaited].some((commandId) => !mailbox.outcomeOf(commandId));

  for (;;) {
    await condition(
      () => mailbox.size > 0 || alarm.rungFor !== undefined || (wantsNewRun() && allHandlersFinished()),
    );
    if (wantsNewRun() && !owesAnswers() && mailbox.isSmallEnoughToCarry) {
      // The handlers are answered and about to finish; one that arrives meanwhile needs another drain first.
      await condition(() => allHandlersFinished() || owesAnswers());
      if (allHandlersFinished()) return continueAsNew({ stream, carried: { fold, ...mailbox.carry() } });
    }
    const result: DecideResult = await decideAndAppend({
      stream,
      fold,
      batch: mailbox.next(DRAIN_LIMIT),
      ...(alarm.rungFor !== undefined && { dueBy: latest(alarm.rungFor, toTimestamp(Date.now())) }),
      searchStream: mailbox.hasEvicted,
    });
    fold = foldResult(decider, fold, result);
    alarm.reset();
    alarm.set(result.deadline);
    mailbox.settle(result.outcomes);
  }
}

function foldResult(decider: FoldingDecider, fold: Fold, result: DecideResult): Fold {
  if (result.fold) return result.fold;
  if (result.events.length === 0) return fold;
  const { revision, at } = result;
  return { ...evolveAll(decider, fold, result.events), revision, ...(at !== undefined && { at }) };
}

/**
 * Folds on. Under newer code, a replay may meet a state or an event of the older one: then the state is marked as of no
 * version, which makes the next activity fold the stream anew, instead of failing the workflow task for ever.
 */
function evolveAll(decider: FoldingDecider, fold: Fold, events: readonly DomainEvent[]): Fold {
  const unusable = { ...fold, stateVersion: 0 };
  if (fold.stateVersion !== decider.stateVersion) return unusable;
  try {
    const state = events.reduce<JsonObject>((before, event) => decider.evolve(before, event), fold.state);
    return { ...fold, state };
  } catch (error) {
    log.error('evolve failed on recorded events; the stream will be folded anew', { error: String(error) });
    return unusable;
  }
}
