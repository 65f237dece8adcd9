import { callerBehind } from '../acting.js';
import type { EffectOutcome } from '../effect.js';
import { parseStreamName } from '../entity-id.js';
import type { JsonObject } from '../json.js';
import { type Rejection, reject } from '../rejection.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '../timestamp.js';
import type { SagaCause, SagaDefinition } from './saga.js';
import { calledBack, isAwaitingCallback, outcomeOfCallback, stepAtPlace } from './saga.callbacks.js';
import type { SagaCommand, SagaEvent, StartFacts, StepOutcome } from './saga.messages.js';
import {
  actionOf,
  answeredLater,
  followed,
  isAfterReturn,
  isPastReturn,
  stepNamed,
} from './saga.progress.js';
import {
  findStep,
  isResolvable,
  isUnderWay,
  isUndoing,
  type SagaState,
  type StepState,
  waitsSince,
} from './saga.state.js';

/** Steps name their holds and reservations after the saga, so its id has to be short. */
const MAX_ID = 100;

type Decision<Input extends JsonObject> = readonly SagaEvent<Input>[] | Rejection;

/** The rules of every saga. */
export function decideSaga<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  command: SagaCommand<Input>,
  state: SagaState<Input>,
): Decision<Input> {
  const { at } = command;
  if (command.type === 'Start') return start(saga, command, state);
  if (state.status === undefined) return reject('SAGA.NOT_STARTED', 'there is no such saga');
  const decided = decideStarted(saga, command, state);
  return 'rejected' in decided ? decided : followed(saga, state, decided, at);
}

function start<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  command: Extract<SagaCommand<Input>, { type: 'Start' }>,
  state: SagaState<Input>,
): Decision<Input> {
  const { data: input, at, entityId: id = '' } = command;
  if (state.status !== undefined) return reject('SAGA.ALREADY_STARTED', 'the saga was started before');
  if (id.length > MAX_ID) return reject('SAGA.ID_TOO_LONG', `an id has at most ${MAX_ID} characters`);
  const refusal = saga.check?.(input);
  if (refusal) return refusal;
  const deadline = toTimestamp(toMilliseconds(at) + saga.patienceSeconds * 1_000);
  const data = { id, input, ...starterIn(command), at, deadline };
  return followed(saga, state, [{ type: 'SagaStarted', data }], at);
}

function starterIn(command: StartFacts) {
  const startedBy = callerBehind(command);
  if (startedBy === undefined) return {};
  return { startedBy, ...(command.onlyFor !== undefined && { asOwner: true as const }) };
}

function decideStarted<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  command: Exclude<SagaCommand<Input>, { type: 'Start' }>,
  state: SagaState<Input>,
): Decision<Input> {
  const { at } = command;
  switch (command.type) {
    case 'Cancel':
      return giveUp(saga, state, { code: 'SAGA.CANCELLED', detail: command.data.reason }, at);
    case 'TimeOut':
      return giveUp(saga, state, { code: 'SAGA.TIMED_OUT', detail: `not done by ${state.deadline}` }, at);
    case 'RecordStep':
      return notAsked(saga, command.data.key, command, state) ?? recordStep(saga, command.data, state, at);
    case 'EndCallback': {
      const { name } = stepAtPlace(state, command.data.place) ?? {};
      if (name === undefined) return reject('SAGA.STEP_SETTLED', 'no step has this address now');
      return recordStep(saga, outcomeOfCallback(name, command.data), state, at);
    }
    case 'NoteWaitingStep':
      return notAsked(saga, command.data.step, command, state) ?? noteWaiting(command.data.step, state, at);
    case 'RetryStep':
      return retry(command.data.step, state, at);
    case 'ResolveStep':
      return resolve(saga, command.data, state, at);
    case 'NoteOverdueStep':
      return noteOverdue(saga, command.data.step, state, at);
  }
}

function giveUp<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  cause: SagaCause,
  at: Timestamp,
): Decision<Input> {
  if (state.status !== 'running') return reject('SAGA.NOT_RUNNING', `the saga is ${state.status}`);
  if (isPastReturn(saga, state)) return tooLate(state);
  return [{ type: 'CompensationBegun', data: { cause, at } }];
}

/** Why an answer is not taken: it is from another entity than the one that the step has asked. */
function notAsked<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  step: string,
  { data, sender }: Extract<SagaCommand<Input>, { type: 'RecordStep' | 'NoteWaitingStep' }>,
  state: SagaState<Input>,
): Rejection | undefined {
  if (sender === undefined) return undefined; // the outcome of an effect
  const part = 'echo' in data && data.echo === 'undo' ? 'undo' : 'do';
  const asked = answeredLater(actionOf(saga, state, step, part))?.to;
  const by = parseStreamName(sender);
  return asked && by?.category === asked.category && by.id === asked.id
    ? undefined
    : reject('SAGA.NOT_ASKED', `${step} has not asked ${sender}`);
}

function recordStep<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  outcome: StepOutcome,
  state: SagaState<Input>,
  at: Timestamp,
): Decision<Input> {
  const { key: step, attempts, echo } = outcome;
  const found = findStep(state, step);
  if (echo === 'withdraw') return settled(step, found);
  if (isForLater(saga, outcome, state)) return noteWaiting(step, state, at);
  const isOfUndoing = found !== undefined && isOfCompensation(outcome, found);
  if (found?.status !== (isOfUndoing ? 'undoing' : 'running')) {
    return recordLate(outcome, found, isOfUndoing, at);
  }
  const isUndone =
    outcome.status === 'done' ||
    stepNamed(saga, state, step)?.nothingToUndo?.includes(refusalIn(outcome).code) === true;
  if (isOfUndoing && isUndone) return [{ type: 'StepCompensated', data: { step, attempts, at } }];
  if (outcome.status === 'done') return [{ type: 'StepSucceeded', data: { step, attempts, at } }];
  const { code, detail } = refusalIn(outcome);
  const isStuck = isOfUndoing || isAfterReturn(saga, state, step);
  return [{ type: isStuck ? 'StepStuck' : 'StepRefused', data: { step, attempts, code, detail, at } }];
}

/** Whether the call was taken, and its end will be reported to the callback address of the step. */
function isForLater<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  outcome: StepOutcome,
  state: SagaState<Input>,
): boolean {
  const isTaken = outcome.status === 'done' && outcome.result['later'] === true;
  return isTaken && outcome.echo === 'do' && calledBack(saga, state, outcome.key) !== undefined;
}

/** The reason for a refusal, in the words of who answered if there are any. */
function refusalIn({ approval, flow, code, detail }: Extract<StepOutcome, { status: 'refused' }>): SagaCause {
  return { code: flow?.code ?? code, detail: flow?.detail ?? approval?.reason ?? detail };
}

function settled(step: string, found: StepState | undefined): Rejection {
  return reject('SAGA.STEP_SETTLED', `${step} is ${found?.status ?? 'not started'}`);
}

/**
 * Whether an outcome is that of a compensation. Effects of older code have no echo; a compensation
 * that follows a resolved action always has one.
 */
function isOfCompensation({ echo }: EffectOutcome, { status, resolved }: StepState): boolean {
  return echo === undefined ? status === 'undoing' && resolved === undefined : echo === 'undo';
}

/** Records an attempt that was under way when the retries were stopped. Only a success matters. */
function recordLate<Input extends JsonObject>(
  { key: step, attempts, status }: EffectOutcome,
  found: StepState | undefined,
  isOfUndoing: boolean,
  at: Timestamp,
): Decision<Input> {
  const isNews = isOfUndoing ? found?.status === 'left' : found?.resolved === 'not-done';
  if (status !== 'done' || !isNews) return settled(step, found);
  const part = isOfUndoing ? 'compensation' : 'action';
  return [{ type: 'StepSucceededLate', data: { step, part, attempts, at } }];
}

/** Nothing retries a step whose callback is late, so it is stuck. */
function noteOverdue<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  step: string,
  state: SagaState<Input>,
  at: Timestamp,
): Decision<Input> {
  const found = findStep(state, step);
  if (!found || !isUnderWay(found) || found.overdueAt !== undefined) return settled(step, found);
  if (!isAwaitingCallback(saga, state, found)) return [{ type: 'StepOverdue', data: { step, at } }];
  const late = { code: 'SAGA.CALLBACK_LATE', detail: 'its end was not reported in time' };
  return [{ type: 'StepStuck', data: { step, attempts: 1, ...late, at } }];
}

function noteWaiting<Input extends JsonObject>(
  step: string,
  state: SagaState<Input>,
  at: Timestamp,
): Decision<Input> {
  const found = findStep(state, step);
  const isNews = found?.status === 'running' && found.waitingSince === undefined;
  return isNews ? [{ type: 'StepWaiting', data: { step, at } }] : settled(step, found);
}

function retry<Input extends JsonObject>(
  step: string,
  state: SagaState<Input>,
  at: Timestamp,
): Decision<Input> {
  return findStep(state, step)?.status === 'stuck'
    ? [{ type: 'StepRetried', data: { step, at } }]
    : notWaiting(step, state);
}

function resolve<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  { step, note, outcome = 'done' }: Extract<SagaCommand, { type: 'ResolveStep' }>['data'],
  state: SagaState<Input>,
  at: Timestamp,
): Decision<Input> {
  const found = findStep(state, step);
  const isOpen = found && (waitsSince(found) !== undefined || isAwaitingCallback(saga, state, found));
  if (!isOpen) return notWaiting(step, state);
  const isForwards = isResolvable(found) && !isUndoing(found);
  if (outcome === 'not-done' && isForwards && isAfterReturn(saga, state, step)) {
    return reject('SAGA.NO_WAY_BACK', `the saga cannot end before ${step} is done`);
  }
  return [{ type: 'StepResolved', data: { step, note, outcome, at } }];
}

function notWaiting(name: string, state: SagaState): Rejection {
  const { status, overdueAt } = findStep(state, name) ?? {};
  if (status === 'running' || status === 'undoing') {
    const since = overdueAt === undefined ? '' : ` and overdue since ${overdueAt}`;
    return reject('SAGA.STEP_UNDER_WAY', `${name} is ${status}${since}`);
  }
  return reject('SAGA.STEP_NOT_STUCK', `${name} is ${status ?? 'not started'} and waits for nobody`);
}

function tooLate({ steps }: SagaState): Rejection {
  const waiting = steps.filter((step) => waitsSince(step) !== undefined).map(({ name }) => name);
  const detail = waiting.length > 0 ? `; ${waiting.join(', ')} waits for a person to resolve it` : '';
  return reject('SAGA.TOO_LATE', `the saga can only continue${detail}`);
}
