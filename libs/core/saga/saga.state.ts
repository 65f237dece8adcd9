import type { JsonObject } from '../json.js';
import type { Timestamp } from '../timestamp.js';
import type { SagaCause } from './saga.js';
import type { Resolution } from './saga.messages.js';

/**
 * `running`: its action is under way; `done`; `refused`: the action was, nothing more happens; `undoing`: its compensation is
 * under way; `undone`; `left`: a person has said that it is not undone and stays so; `stuck`: refused where that may not be, a
 * work item for people.
 */
export type StepStatus = 'running' | 'done' | 'refused' | 'undoing' | 'undone' | 'left' | 'stuck';

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
  /** Since then it is without an answer for too long, though it goes on being tried. */
  readonly overdueAt?: Timestamp;
  /** What a person said when resolving it. */
  readonly note?: string;
  /** What a person said of its action. */
  readonly resolved?: Resolution;
  /** Then it succeeded after a person had said that it was not done, and nobody has seen to that yet. */
  readonly succeededLateAt?: Timestamp;
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

/** Whether a person may end it: it was refused where that may not be, or is without an answer for too long. */
export function isResolvable({ status, overdueAt }: StepState): boolean {
  return status === 'stuck' || overdueAt !== undefined;
}

/** Since when somebody has to see to a step, if so. */
export function waitsSince({ status, at, overdueAt, succeededLateAt }: StepState): Timestamp | undefined {
  return status === 'stuck' ? at : (overdueAt ?? succeededLateAt);
}

/** Whether what is under way, stuck or overdue of a step is its compensation. */
export function isUndoing({ status, wasUndoing }: StepState): boolean {
  return status === 'undoing' || wasUndoing === true;
}

export function findStep(state: SagaState, name: string): StepState | undefined {
  return state.steps.find((step) => step.name === name);
}
