import type { Action } from '../effect.js';
import type { JsonObject } from '../json.js';
import type { SagaDefinition, SagaStep } from './saga.js';
import type { SagaState } from './saga.state.js';

/** A step as its definition declares it, whether it has begun or not. */
export interface PlannedStep {
  readonly name: string;
  /** What it asks for: `PlaceHold to account alice`. Absent if it only has a compensation. */
  readonly asks?: string;
  readonly canBeUndone?: true;
  readonly pointOfNoReturn?: true;
}

/** The steps of a stage, which run side by side once all of the stage before are done. */
export type PlannedStage = readonly PlannedStep[];

/** The stages of a saga with this input, from the first. None before it is started. */
export function planOf<Input extends JsonObject>(
  saga: Pick<SagaDefinition<Input>, 'stages'>,
  { input, id }: SagaState<Input>,
): readonly PlannedStage[] {
  if (!input || id === undefined) return [];
  return saga
    .stages(input, id)
    .filter((steps) => steps.length > 0)
    .map((steps) => steps.map(planned));
}

function planned({ name, action, compensation, pointOfNoReturn }: SagaStep): PlannedStep {
  const asked = typeof action === 'function' ? action(1) : action;
  return {
    name,
    ...(asked && { asks: inWords(asked) }),
    ...(compensation && { canBeUndone: true }),
    ...(pointOfNoReturn && { pointOfNoReturn }),
  };
}

function inWords(action: Action): string {
  if (action.kind === 'call') return `the call ${action.call}`;
  const { to, command } = action;
  return `${command.type} to ${to.category} ${to.id}`;
}
