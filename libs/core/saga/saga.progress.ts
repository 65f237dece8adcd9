import type { Action, SendAction } from '../effect.js';
import type { JsonObject } from '../json.js';
import type { Timestamp } from '../timestamp.js';
import type { SagaDefinition, SagaStep } from './saga.js';
import { evolveSaga } from './saga.evolve.js';
import type { SagaEvent } from './saga.messages.js';
import { findStep, isUndoing, type SagaState, type StepState } from './saga.state.js';

/** The number of steps of a stage that run at the same time. */
const MAX_SIDE_BY_SIDE = 16;

/** The events, followed by all those that they lead to without further input. */
export function followed<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  events: readonly SagaEvent<Input>[],
  at: Timestamp,
): readonly SagaEvent<Input>[] {
  const all = [...events];
  let current = events.reduce(evolveSaga<Input>, state);
  for (;;) {
    const next = nextEvents(saga, current, at);
    if (next.length === 0) return all;
    all.push(...next);
    current = next.reduce(evolveSaga<Input>, current);
  }
}

/** The stages of a started saga. */
function stagesOf<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  { input, id }: SagaState<Input>,
): readonly (readonly SagaStep[])[] {
  return input === undefined || id === undefined ? [] : saga.stages(input, id);
}

/** The definition of a step. */
export function stepNamed<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  name: string,
): SagaStep | undefined {
  return stagesOf(saga, state)
    .flat()
    .find((step) => step.name === name);
}

/** What a step does now, or did last: its action or its compensation. */
export function actionOf<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  name: string,
  part: 'do' | 'undo',
): Action | undefined {
  const step = stepNamed(saga, state, name);
  const asked = timesAsked(findStep(state, name), part);
  const cause = state.cause ?? { code: 'SAGA.CANCELLED', detail: '' };
  if (part === 'undo') return step?.compensation?.(cause, asked);
  return typeof step?.action === 'function' ? step.action(asked) : step?.action;
}

/** How often a part of the step was asked for. */
export function timesAsked(step: StepState | undefined, part: 'do' | 'undo'): number {
  if (!step) return 1;
  const isOfUndo = isUndoing(step) || step.status === 'undone' || step.status === 'left';
  if (part === 'undo') return isOfUndo ? (step.retries ?? 0) + 1 : 1;
  return ((isOfUndo ? step.actionRetries : step.retries) ?? 0) + 1;
}

/** The action, if its target answers it later. */
export function answeredLater(action: Action | undefined): SendAction | undefined {
  return action?.kind === 'send' && action.answer !== undefined ? action : undefined;
}

/** Whether the saga has started its point of no return. */
export function isPastReturn<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
): boolean {
  return state.steps.some(({ name }) => stepNamed(saga, state, name)?.pointOfNoReturn);
}

/** Whether the step is in a stage after the point of no return. */
export function isAfterReturn<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  name: string,
): boolean {
  const stages = stagesOf(saga, state);
  const pivot = stages.findIndex((stage) => stage.some((step) => step.pointOfNoReturn));
  return pivot >= 0 && stages.slice(pivot + 1).some((stage) => stage.some((step) => step.name === name));
}

function nextEvents<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  at: Timestamp,
): readonly SagaEvent<Input>[] {
  if (state.status === 'running') return forwards(saga, state, at);
  if (state.status === 'compensating') return backwards(saga, state, at);
  return [];
}

function forwards<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  at: Timestamp,
): readonly SagaEvent<Input>[] {
  const refused = state.steps.find(({ status }) => status === 'refused');
  if (refused?.refusal) return [{ type: 'CompensationBegun', data: { cause: refused.refusal, at } }];
  for (const stage of stagesOf(saga, state)) {
    if (stage.every(({ name }) => findStep(state, name)?.status === 'done')) continue;
    const underWay = stage.filter(({ name }) => findStep(state, name)?.status === 'running').length;
    return stage
      .filter(({ name }) => !findStep(state, name))
      .slice(0, MAX_SIDE_BY_SIDE - underWay)
      .flatMap((step) => started(step, at));
  }
  return [{ type: 'SagaCompleted', data: { at } }];
}

function started({ name: step, action }: SagaStep, at: Timestamp): readonly SagaEvent<never>[] {
  const start = { type: 'StepStarted', data: { step, at } } as const;
  return action ? [start] : [start, { type: 'StepSucceeded', data: { step, attempts: 0, at } }];
}

/** Nothing is compensated while an action is under way, because it may still succeed. */
function backwards<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  at: Timestamp,
): readonly SagaEvent<Input>[] {
  if (state.steps.some(({ status }) => status === 'running')) return [];
  const isBusy = ({ status }: StepState): boolean => status === 'undoing' || status === 'stuck';
  for (const stage of stagesOf(saga, state).toReversed()) {
    const steps = stage.flatMap(({ name }) => findStep(state, name) ?? []);
    const owed = stage.filter((step) => isOwed(step, findStep(state, step.name)));
    const busy = steps.filter(isBusy).length;
    if (owed.length === 0 && busy === 0) continue;
    return owed
      .slice(0, Math.max(0, MAX_SIDE_BY_SIDE - busy))
      .map(({ name: step }) => ({ type: 'CompensationStarted', data: { step, at } }));
  }
  const cause = state.cause ?? { code: 'SAGA.CANCELLED', detail: '' };
  return [{ type: 'SagaCompensated', data: { cause, at } }];
}

/** Whether the step may have done something that has to be compensated. */
function isOwed({ action: given, compensation }: SagaStep, step: StepState | undefined): boolean {
  if (!compensation || !step) return false;
  const action = typeof given === 'function' ? given(1) : given;
  // A call that was refused may have had an effect, and so may attempts that a person has stopped.
  const isUncertain = action?.kind === 'call' || step.resolved === 'not-done';
  return step.status === 'done' || (step.status === 'refused' && isUncertain);
}
