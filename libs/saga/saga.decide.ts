import type { EffectOutcome } from '#libs/decider/effect.js';
import type { JsonObject } from '#libs/decider/json.js';
import { type Rejection, reject } from '#libs/decider/rejection.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/decider/timestamp.js';
import type { SagaCause, SagaDefinition } from './saga.js';
import type { SagaCommand, SagaEvent } from './saga.messages.js';
import { followed, isAfterReturn, isPastReturn, stepNamed } from './saga.progress.js';
import { findStep, type SagaState } from './saga.state.js';

/** Its steps name holds and reservations after it. */
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
  { data: input, at, entityId: id = '' }: Extract<SagaCommand<Input>, { type: 'Start' }>,
  state: SagaState<Input>,
): Decision<Input> {
  if (state.status !== undefined) return reject('SAGA.ALREADY_STARTED', 'the saga was started before');
  if (id.length > MAX_ID)
    return reject('SAGA.ID_TOO_LONG', `the id of a saga has at most ${MAX_ID} characters`);
  const refusal = saga.check?.(input);
  if (refusal) return refusal;
  const deadline = toTimestamp(toMilliseconds(at) + saga.patienceSeconds * 1_000);
  return followed(saga, state, [{ type: 'SagaStarted', data: { id, input, at, deadline } }], at);
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
      return recordStep(saga, command.data, state, at);
    case 'RetryStep':
      return unstick(state, command.data.step, { type: 'StepRetried', data: { ...command.data, at } });
    case 'ResolveStep':
      return unstick(state, command.data.step, { type: 'StepResolved', data: { ...command.data, at } });
  }
}

function giveUp<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  cause: SagaCause,
  at: Timestamp,
): Decision<Input> {
  if (state.status !== 'running') return reject('SAGA.NOT_RUNNING', `the saga is ${state.status}`);
  if (isPastReturn(saga, state)) return reject('SAGA.TOO_LATE', 'the saga can only go on');
  return [{ type: 'CompensationBegun', data: { cause, at } }];
}

function recordStep<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  outcome: EffectOutcome,
  state: SagaState<Input>,
  at: Timestamp,
): Decision<Input> {
  const { key: step, attempts } = outcome;
  const status = findStep(state, step)?.status;
  if (status !== 'running' && status !== 'undoing') {
    return reject('SAGA.STEP_SETTLED', `${step} is ${status ?? 'not started'}`);
  }
  const isUndoing = status === 'undoing';
  const isUndone =
    outcome.status === 'done' || stepNamed(saga, state, step)?.nothingToUndo?.includes(outcome.code) === true;
  if (isUndoing && isUndone) return [{ type: 'StepCompensated', data: { step, attempts, at } }];
  if (outcome.status === 'done') return [{ type: 'StepSucceeded', data: { step, attempts, at } }];
  const { code, detail } = outcome;
  const isStuck = isUndoing || isAfterReturn(saga, state, step);
  return [{ type: isStuck ? 'StepStuck' : 'StepRefused', data: { step, attempts, code, detail, at } }];
}

function unstick<Input extends JsonObject>(
  state: SagaState<Input>,
  name: string,
  event: SagaEvent<Input>,
): Decision<Input> {
  return findStep(state, name)?.status === 'stuck'
    ? [event]
    : reject('SAGA.STEP_NOT_STUCK', `${name} does not wait for anyone`);
}
