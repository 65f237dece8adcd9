import type { JsonObject } from '../json.js';
import type { Timestamp } from '../timestamp.js';
import type { SagaEvent } from './saga.messages.js';
import { isResolvable, isUndoing, type SagaState, type StepState } from './saga.state.js';

type DataOf<Type> = Extract<SagaEvent, { type: Type }>['data'];

/** The saga after an event. */
export function evolveSaga<Input extends JsonObject>(
  state: SagaState<Input>,
  event: SagaEvent<Input>,
): SagaState<Input> {
  switch (event.type) {
    case 'SagaStarted': {
      const { id, input, at, deadline, startedBy, asOwner } = event.data;
      const by = { ...(startedBy !== undefined && { startedBy }), ...(asOwner && { asOwner }) };
      return { status: 'running', id, input, startedAt: at, deadline, ...by, steps: [] };
    }
    case 'CompensationBegun':
      return { ...state, status: 'compensating', cause: event.data.cause };
    case 'SagaCompleted':
      return { ...state, status: 'completed', endedAt: event.data.at };
    case 'SagaCompensated':
      return { ...state, status: 'compensated', endedAt: event.data.at };
    case 'StepStarted': {
      const { step: name, at } = event.data;
      return { ...state, steps: [...state.steps, { name, status: 'running', at }] };
    }
    default:
      return changeStep(state, event);
  }
}

type StepEvent = Exclude<
  SagaEvent,
  { type: 'SagaStarted' | 'CompensationBegun' | 'SagaCompleted' | 'SagaCompensated' | 'StepStarted' }
>;

function changeStep<Input extends JsonObject>(state: SagaState<Input>, event: StepEvent): SagaState<Input> {
  const steps = state.steps.map((step) => (step.name === event.data?.step ? stepAfter(step, event) : step));
  return { ...state, steps };
}

function stepAfter(step: StepState, event: StepEvent): StepState {
  const { name } = step;
  const { at } = event.data;
  switch (event.type) {
    case 'StepSucceeded':
      return { name, status: 'done', at, attempts: event.data.attempts, ...timesRetried(step) };
    case 'StepRefused': {
      const { attempts, code, detail } = event.data;
      return { name, status: 'refused', at, attempts, refusal: { code, detail }, ...timesRetried(step) };
    }
    case 'CompensationStarted': {
      const { retries: actionRetries, ...rest } = step;
      return { ...rest, status: 'undoing', at, ...(actionRetries !== undefined && { actionRetries }) };
    }
    case 'StepCompensated':
      return { ...answered(step), status: 'undone', at, attempts: event.data.attempts };
    case 'StepStuck': {
      const { attempts, code, detail } = event.data;
      const wasUndoing = step.status === 'undoing' && { wasUndoing: true as const };
      return { ...answered(step), status: 'stuck', at, attempts, refusal: { code, detail }, ...wasUndoing };
    }
    case 'StepWaiting':
      return { ...answered(step), waitingSince: at };
    case 'StepOverdue':
      return { ...step, overdueAt: at };
    case 'StepRetried':
      return retried(step, at);
    case 'StepResolved':
      return resolved(step, event.data);
    case 'StepSucceededLate':
      return { ...step, succeededLateAt: at };
    default:
      return step; // an event of a later version
  }
}

function retried(step: StepState, at: Timestamp): StepState {
  const { name, wasUndoing, retries = 0 } = step;
  return { name, status: wasUndoing ? 'undoing' : 'running', at, ...ofAction(step), retries: retries + 1 };
}

function answered(step: StepState): StepState {
  const { overdueAt: _, waitingSince: __, ...rest } = step;
  return rest;
}

/** What a person has said about the action stays with the step. */
function ofAction({ resolved: said, succeededLateAt, actionRetries }: StepState) {
  return {
    ...(said !== undefined && { resolved: said }),
    ...(succeededLateAt !== undefined && { succeededLateAt }),
    ...(actionRetries !== undefined && { actionRetries }),
  };
}

/** The callback address of a step depends on it, also after its end. */
function timesRetried({ retries }: StepState) {
  return retries !== undefined && { retries };
}

/** Applies the decision of a person, which settles everything open about the step. */
function resolved(step: StepState, { note, outcome = 'done', at }: DataOf<'StepResolved'>): StepState {
  const { succeededLateAt: _, ...seen } = step;
  if (!isResolvable(step)) return { ...seen, note };
  const { name } = step;
  if (isUndoing(step)) {
    const status = outcome === 'done' ? 'undone' : 'left';
    return { name, status, at, note, ...ofAction(seen), ...timesRetried(step) };
  }
  const ofStep = { name, at, note, resolved: outcome, ...timesRetried(step) };
  return outcome === 'done'
    ? { ...ofStep, status: 'done' }
    : { ...ofStep, status: 'refused', refusal: { code: 'SAGA.STEP_NOT_DONE', detail: note } };
}
