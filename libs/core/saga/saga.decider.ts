import type { Decider, Folding } from '../decider.js';
import type { JsonObject } from '../json.js';
import type { SagaDefinition } from './saga.js';
import { sagaDeadline } from './saga.deadlines.js';
import { decideSaga } from './saga.decide.js';
import { sagaEffects, withdrawnBy } from './saga.effects.js';
import { evolveSaga } from './saga.evolve.js';
import type { SagaCommand, SagaEvent } from './saga.messages.js';
import { type PlannedStage, planOf } from './saga.plan.js';
import { notStarted, type SagaState } from './saga.state.js';

/**
 * How the events of a saga are folded: the same for every saga, whatever its stages and settings.
 */
export function sagaFolding<Input extends JsonObject>({
  name,
  stateVersion,
}: Pick<SagaDefinition<Input>, 'name' | 'stateVersion'>): Folding<SagaState<Input>, SagaEvent<Input>> {
  return { name, stateVersion, initialState: notStarted, evolve: evolveSaga };
}

/** The decider of the entity that runs a saga, and what its definition declares. */
export interface SagaDecider<Input extends JsonObject> extends Decider<
  SagaState<Input>,
  SagaCommand<Input>,
  SagaEvent<Input>
> {
  /** The stages of the saga that has this state, whether they have begun or not. */
  readonly plan: (state: SagaState<Input>) => readonly PlannedStage[];
}

/** The decider of the entity that runs a saga. */
export function sagaDecider<Input extends JsonObject>(saga: SagaDefinition<Input>): SagaDecider<Input> {
  return {
    ...sagaFolding(saga),
    decide: (command, state) => decideSaga(saga, command, state),
    deadline: (state) => sagaDeadline(saga, state),
    isEnded: ({ status }) => status === 'completed' || status === 'compensated',
    owner: ({ input, startedBy }) => input && saga.owner?.(input, startedBy),
    react: (event, state) => sagaEffects(saga, event, state),
    withdraws: (event, state) => withdrawnBy(saga, event, state),
    plan: (state) => planOf(saga, state),
  };
}
