import { problems } from '#libs/core/problems.js';
import type { DomainEvent } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Failed, Outcome } from '#libs/core/outcome.js';
import type { Passing } from '#libs/core/step.js';
import { latest, toTimestamp } from '#libs/core/timestamp.js';
import type { DecideRequest } from '#libs/entity/protocol/activity-messages.js';
import type { Fold, PendingEffect, RingEntry } from '#libs/entity/protocol/entity-messages.js';
import { inSpan, type SpanStart } from '#libs/runtime/tracing/tracing.js';
import { AppendRefusedError, WrongExpectedRevisionError } from '#libs/event-store/event-store.errors.js';
import { answerKnown, type Before, mayBeOld } from './answer-known.js';
import { decideBatch, type Plan } from './decide-batch.js';
import { decidedCommands } from './decision-rate.js';
import type { DueWork } from './due-deadlines.js';
import { AttemptTooLateError, StreamBehindError } from './entity-activities.errors.js';
import type { EntityActivityDependencies } from './entity-activities.dependencies.js';
import { KeptOutcomes, recallKept } from './kept-outcomes.js';
import { foldSeenBy } from './fold-seen-by.js';
import { countUnknown, type Lookup } from './lookup.js';
import { NotedTimes } from './noted-times.js';
import { refuseUndecidable } from './refuse-undecidable.js';
import { setBackSentAhead } from './sent-ahead.js';
import { StreamTail } from './stream-tail.js';
import { UsedNames } from './used-names.js';
import { withActors } from './with-actors.js';
import { about } from '#libs/runtime/log-fields.js';

export interface Appended {
  readonly fold: Fold;
  readonly events: readonly DomainEvent[];
  readonly effects: readonly PendingEffect[];
  /** Keys of earlier effects that are withdrawn. */
  readonly withdrawn: readonly string[];
  /** Outcomes of the commands that were decided. The others did not fit and stay in the inbox. */
  readonly outcomes: readonly Outcome[];
  /** The commands among these that were settled long ago. */
  readonly remembered: readonly string[];
  readonly due: DueWork;
  /** Commands that the stream settled without the entity's knowledge. */
  readonly found: readonly RingEntry[];
}

/** `stale`: the stream was ahead of the fold, which has caught up; the decisions are void. */
type Attempt = 'written' | 'refused' | 'stale';

/**
 * Decides and appends until the store accepts the append. After a revision conflict, the tail is
 * read and folded, commands whose events are already there get their outcome from it, and the rest
 * is decided again. So running it again with another batch writes each command once.
 */
export async function appendDecisions(
  dependencies: EntityActivityDependencies,
  request: DecideRequest,
  start: Fold,
  lookup: Lookup,
): Promise<Appended> {
  const { stream, dueBy, effectBytes, patience = Infinity } = request;
  const { batch, isSetBack } = setBackSentAhead(dependencies, request);
  const { decider, store, nameIndex, atStep } = dependencies;
  const usedNames = new UsedNames(decider, stream, nameIndex, lookup, store);
  const refuse = refuseUndecidable(dependencies.commands, request);
  const tail = new StreamTail(decider, store, stream, start, usedNames);
  const startedAt = performance.now();
  const before = await lookBack(dependencies, request, tail, lookup);
  let limit = batch.length;
  for (;;) {
    const { fold } = tail;
    // On the given fold, every attempt decides the same, unless it uses its own clock or has read
    // other streams. A process that was frozen must not decide again when it resumes.
    const mayDiffer = fold !== start || isSetBack || usedNames.owners.wereAsked;
    if (mayDiffer && performance.now() - startedAt > patience) throw new AttemptTooLateError(stream);
    const seenBy = (envelope: CommandEnvelope) => foldSeenBy(decider, fold, envelope);
    const { outcomes: known, remembered, rest } = answerKnown(batch, tail.settled, before, seenBy, refuse);
    const plan = decideBatch(decider, stream, fold, rest.slice(0, limit), usedNames, dueBy, effectBytes);
    if (plan.wanted.length > 0) {
      await usedNames.look(plan.wanted, fold.revision);
      continue;
    }
    const times = new NotedTimes(request.batch, toTimestamp(Date.now()));
    const noted = (decided: readonly Outcome[]): readonly Outcome[] =>
      withActors(batch, times.onOutcomes([...known, ...decided], remembered));
    await atStep?.('decided', passing(stream, plan));
    const toAppend = { ...plan, events: times.onEvents(plan.events) };
    const attempt = await tryAppend(dependencies, stream, tail, toAppend);
    if (attempt === 'stale') continue;
    if (attempt === 'written') {
      if (plan.events.length > 0) await atStep?.('appended', passing(stream, plan));
      const { outcomes, due } = plan;
      report(dependencies, stream, plan, [...known, ...outcomes]);
      return { ...tail.report(plan), fold: plan.fold, outcomes: noted(outcomes), remembered, due };
    }
    // One command of the batch makes the append fail: from now on each is appended alone, and that
    // one fails.
    if (limit <= 1) {
      const failed = rest.slice(0, 1).map((envelope) => failure(envelope, seenBy(envelope)));
      return { ...tail.report(), fold, outcomes: noted(failed), remembered, due: 'unmet' };
    }
    limit = 1;
  }
}

/**
 * Looks up what is known about a batch from before. Commands that the entity cannot have forgotten
 * are not looked up.
 */
async function lookBack(
  { outcomeMemory, commandIndex }: EntityActivityDependencies,
  { stream, batch, searchStream, evictedUpTo }: DecideRequest,
  tail: StreamTail,
  lookup: Lookup,
): Promise<Before> {
  if (!searchStream) return { kept: new KeptOutcomes([]), doubtful: new Set() };
  const [kept, from] = await Promise.all([
    recallKept(outcomeMemory, stream, batch, lookup.patience),
    tail.search(batch, commandIndex, lookup),
  ]);
  // A kept outcome is final unless later events in the stream contradict it.
  const old = batch.filter((envelope) => {
    const isKnown = from <= kept.revisionOf(envelope) + 1;
    return !isKnown && mayBeOld(stream, envelope, evictedUpTo);
  });
  return { kept, doubtful: new Set(old.map(({ commandId }) => commandId)) };
}

async function tryAppend(
  { store, logger }: EntityActivityDependencies,
  stream: string,
  tail: StreamTail,
  { events, outcomes }: Plan,
): Promise<Attempt> {
  const { revision } = tail.fold;
  if (events.length === 0) {
    // Without an append, nothing confirms that the state was the latest: an earlier run that
    // crashed may have written more.
    return outcomes.length > 0 && (await tail.advance()) ? 'stale' : 'written';
  }
  try {
    const last = await inSpan(appendStart(stream, events.length), () =>
      store.append(stream, revision, events),
    );
    // The store also accepts the repeat of an earlier append, wherever the stream ends by now. A
    // command that was rejected in the same batch was then not decided on the latest state.
    const isAllAccepted = outcomes.every(({ status }) => status === 'accepted');
    return !isAllAccepted && (await tail.goesBeyond(last)) && (await tail.advance()) ? 'stale' : 'written';
  } catch (error) {
    if (error instanceof WrongExpectedRevisionError) {
      if (await tail.advance()) return 'stale';
      throw new StreamBehindError(stream, revision, error.actual);
    }
    if (!(error instanceof AppendRefusedError)) throw error;
    // Only events that the stream does not hold may fail: an earlier run that crashed may have
    // written them.
    if (await tail.advance()) return 'stale';
    const [first] = events;
    logger.error({ err: error, ...about(stream, first?.metadata) }, 'the store refuses an append');
    return 'refused';
  }
}

function appendStart(stream: string, events: number): SpanStart {
  return {
    name: 'append',
    kind: 'client',
    attributes: {
      'db.system.name': 'eventstoredb',
      'db.operation.name': 'append',
      'db.collection.name': stream,
      'perdure.events': events,
    },
  };
}

function passing(stream: string, { outcomes }: Plan): readonly Passing[] {
  return [{ stream, commandIds: outcomes.map(({ commandId }) => commandId) }];
}

function failure({ commandId, type, sentAt }: CommandEnvelope, { revision, at }: Fold): Failed {
  const detail = `the store refuses the events of ${type}; nothing was changed`;
  return {
    status: 'failed',
    commandId,
    revision,
    code: problems.internal.code,
    detail,
    at: latest(sentAt, at),
  };
}

function report(
  { logger }: EntityActivityDependencies,
  stream: string,
  { outcomes: decided, defects, due }: Plan,
  outcomes: readonly Outcome[],
): void {
  decidedCommands.add(decided.length);
  const unknown = outcomes.filter(isOutcomeUnknown);
  if (unknown.length > 0) {
    countUnknown(stream, unknown.length);
    logger.warn(
      { ...about(stream, unknown[0]), count: unknown.length },
      'it is not known yet whether some commands were carried out before',
    );
  }
  for (const { error, envelope } of defects) {
    logger.error({ err: error, ...about(stream, envelope) }, 'a rule failed');
  }
  if (due === 'left')
    logger.info(about(stream), 'more is due than one append holds; commands wait for the rest');
}
