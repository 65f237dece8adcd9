import { placeOfStep } from '../callback-place.js';
import type { CallAction } from '../effect.js';
import type { JsonObject } from '../json.js';
import type { SagaDefinition } from './saga.js';
import type { CallbackEnd, StepOutcome } from './saga.messages.js';
import { actionOf, timesAsked } from './saga.progress.js';
import type { SagaState, StepState } from './saga.state.js';

/** The call of a step, if its end may be reported to a callback address. */
export function calledBack<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  step: string,
): CallAction | undefined {
  const action = actionOf(saga, state, step, 'do');
  return action?.kind === 'call' && action.answer === 'callback' ? action : undefined;
}

/** Whether the call of the step was taken, and its end is still to be reported. */
export function isAwaitingCallback<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  { name, status, waitingSince }: StepState,
): boolean {
  return status === 'running' && waitingSince !== undefined && calledBack(saga, state, name) !== undefined;
}

/** The place of the callback address that the step has now, without the stream. */
export function callbackPlaceOf(step: StepState): string {
  return placeOfStep(step.name, timesAsked(step, 'do'));
}

/** The step that has handed out the address of this place. One that was retried has another now. */
export function stepAtPlace({ steps }: SagaState, place: string): StepState | undefined {
  const own = place.slice(place.indexOf('/') + 1);
  return steps.find((step) => callbackPlaceOf(step) === own);
}

/** What is reported to a callback address, as the outcome of its step. */
export function outcomeOfCallback(key: string, { outcome }: Pick<CallbackEnd, 'outcome'>): StepOutcome {
  const of = { key, attempts: 1, echo: 'do' } as const;
  if (outcome.status === 'completed') return { ...of, status: 'done', result: {} };
  return { ...of, status: 'refused', code: outcome.code, detail: outcome.detail };
}
