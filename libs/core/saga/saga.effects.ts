import type { Action, Effect } from '../effect.js';
import type { JsonObject } from '../json.js';
import type { Timestamp } from '../timestamp.js';
import type { SagaDefinition } from './saga.js';
import { calledBack, callbackPlaceOf } from './saga.callbacks.js';
import { answerBy } from './saga.deadlines.js';
import type { SagaEvent } from './saga.messages.js';
import { actionOf, answeredLater, stepNamed } from './saga.progress.js';
import { findStep, isUnderWay, isUndoing, type SagaState, type StepState } from './saga.state.js';

/** What an event of a saga requests outside of it, given the state after the event. */
export function sagaEffects<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  event: SagaEvent<Input>,
  state: SagaState<Input>,
): readonly Effect[] {
  switch (event.type) {
    case 'StepStarted':
    case 'CompensationStarted':
    case 'StepRetried':
      return tried(saga, state, event.data.step);
    case 'CompensationBegun':
      return state.steps
        .filter(({ status }) => status === 'running')
        .flatMap(({ name }) => withdrawal(saga, state, name));
    case 'StepResolved': {
      const { step: name, outcome, at } = event.data;
      const isGivenUp = outcome === 'not-done' && isSettledAt(at, findStep(state, name));
      return isGivenUp ? withdrawal(saga, state, name) : [];
    }
    default:
      return [];
  }
}

/**
 * The effect of a step that a person has resolved, unless the person has only dealt with a late
 * success; and that of a call whose end may have been reported before its answer came.
 */
export function withdrawnBy<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  event: SagaEvent<Input>,
  state: SagaState<Input>,
): readonly string[] {
  switch (event.type) {
    case 'StepResolved': {
      const { step: name } = event.data;
      const step = findStep(state, name);
      return step && isUnderWay(step) ? [] : [name];
    }
    case 'StepSucceeded':
    case 'StepRefused':
    case 'StepStuck':
      return calledBack(saga, state, event.data.step) ? [event.data.step] : [];
    default:
      return [];
  }
}

/** Whether a person has just ended the action of the step, which had no outcome. */
function isSettledAt(at: Timestamp, step: StepState | undefined): boolean {
  return step?.status === 'refused' && step.at === at;
}

/** The action or compensation of a step that was just started or retried. */
function tried<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  name: string,
): readonly Effect[] {
  const step = findStep(state, name);
  const echo = step && isUndoing(step) ? 'undo' : 'do';
  const action = actionOf(saga, state, name, echo);
  if (!step || !action) return [];
  const isCalledBack = echo === 'do' && calledBack(saga, state, name) !== undefined;
  const callback = { place: callbackPlaceOf(step), until: answerBy(saga, state, step) };
  return [
    {
      ...{ key: name, action: byStarter(saga, state, name, action), reply: 'RecordStep', echo },
      ...(isCalledBack && { callback }),
    },
  ];
}

/** Tells a target that has not answered yet that nobody wants the step any more. */
function withdrawal<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  name: string,
): readonly Effect[] {
  const action = stepNamed(saga, state, name)?.withdraw;
  if (!action || !answeredLater(actionOf(saga, state, name, 'do'))) return [];
  // The request must arrive first, or it would be taken after all. A refusal says that there is
  // nothing to withdraw, and changes nothing.
  const reported = { reply: 'RecordStep', replyOn: 'refusal', echo: 'withdraw' } as const;
  return [{ key: name, action: byStarter(saga, state, name, action), ...reported, follows: name }];
}

/** The action, which may be allowed to act only on what belongs to the starter. */
function byStarter<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  name: string,
  action: Action,
): Action {
  const { startedBy: onlyFor, asOwner } = state;
  const isOnlyForStarter = stepNamed(saga, state, name)?.onlyForStarter === true;
  if (action.kind !== 'send' || !isOnlyForStarter || !asOwner || onlyFor === undefined) return action;
  return { ...action, onlyFor };
}
