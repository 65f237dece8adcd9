import type { Deadline, Decider } from '#libs/decider/decider.js';
import type { Action, Effect } from '#libs/decider/effect.js';
import type { JsonObject } from '#libs/decider/json.js';
import type { SagaDefinition } from './saga.js';
import { decideSaga } from './saga.decide.js';
import { evolveSaga } from './saga.evolve.js';
import type { SagaCommand, SagaEvent } from './saga.messages.js';
import { isPastReturn, stepNamed } from './saga.progress.js';
import { findStep, notStarted, type SagaState } from './saga.state.js';

/** The entity that runs a saga. */
export function sagaDecider<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
): Decider<SagaState<Input>, SagaCommand<Input>, SagaEvent<Input>> {
  return {
    name: saga.name,
    stateVersion: saga.stateVersion,
    initialState: notStarted,
    decide: (command, state) => decideSaga(saga, command, state),
    evolve: (state, event) => evolveSaga(state, event),
    deadline: (state) => deadlineOf(saga, state),
    react: (event, state) => effectsOf(saga, event, state),
  };
}

function deadlineOf<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
): Deadline | undefined {
  const { status, deadline: at } = state;
  if (status !== 'running' || at === undefined || isPastReturn(saga, state)) return undefined;
  return { at, subject: 'saga', command: { type: 'TimeOut', data: {} } };
}

/** The action or compensation of a step that has just been started, or is tried again. */
function effectsOf<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  event: SagaEvent<Input>,
  state: SagaState<Input>,
): readonly Effect[] {
  if (!['StepStarted', 'CompensationStarted', 'StepRetried'].includes(event.type)) return [];
  const { step: name } = event.data as { step: string };
  const action = actionOf(saga, state, name);
  return action ? [{ key: name, action, reply: 'RecordStep' }] : [];
}

function actionOf<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  name: string,
): Action | undefined {
  const step = stepNamed(saga, state, name);
  if (findStep(state, name)?.status !== 'undoing') return step?.action;
  return step?.compensation?.(state.cause ?? { code: 'SAGA.CANCELLED', detail: '' });
}
