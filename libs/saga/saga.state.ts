import type { JsonObject } from '#libs/decider/json.js';
import type { Timestamp } from '#libs/decider/timestamp.js';
import type { SagaCause } from './saga.js';

/**
 * `running`: its action is under way; `done`; `refused`: the action was, nothing more happens; `undoing`: its compensation is
 * under way; `undone`; `stuck`: refused where that may not be, a work item for people.
 */
export type StepStatus = 'running' | 'done' | 'refused' | 'undoing' | 'undone' | 'stuck';

/** Where a step stands, and since when. */
export interface StepState {
  readonly name: string;
  readonly status: StepStatus;
  readonly at: Timestamp;
  /** Tries that the action or compensation took, once that is known. */
  readonly attempts?: number;
  /** Of the last refusal. */
  readonly refusal?: SagaCause;
  /** Whether what is stuck is the compensation. */
  readonly wasUndoing?: true;
  /** What a person said when resolving it. */
  readonly note?: string;
}

export type SagaStatus = 'running' | 'compensating' | 'completed' | 'compensated';

/** A saga; `status` is absent until it is started. */
export interface SagaState<Input extends JsonObject = JsonObject> {
  readonly status?: SagaStatus;
  readonly id?: string;
  readonly input?: Input;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
  readonly deadline?: Timestamp;
  readonly cause?: SagaCause;
  /** Those that were started, in the order in which they were. */
  readonly steps: readonly StepState[];
}

export const notStarted: SagaState<never> = { steps: [] };

export function findStep(state: SagaState, name: string): StepState | undefined {
  return state.steps.find((step) => step.name === name);
}
