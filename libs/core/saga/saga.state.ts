import type { JsonObject } from '../json.js';
import type { Timestamp } from '../timestamp.js';
import type { SagaCause } from './saga.js';
import type { Resolution } from './saga.messages.js';

/**
 * `running`: the action is under way; `done`; `refused`: the action was refused; `undoing`: the
 * compensation is under way; `undone`; `left`: a person has decided to leave it without
 * compensation; `stuck`: refused where that should not happen, so a person has to deal with it.
 */
export type StepStatus = 'running' | 'done' | 'refused' | 'undoing' | 'undone' | 'left' | 'stuck';

/** The status of a step, and since when it has it. */
export interface StepState {
  readonly name: string;
  readonly status: StepStatus;
  readonly at: Timestamp;
  /** The attempts that the action or compensation took, once known. */
  readonly attempts?: number;
  /** The reason for the last refusal. */
  readonly refusal?: SagaCause;
  /** How often a person has had the action or compensation retried. */
  readonly retries?: number;
  /** How often the action was retried, once the compensation has begun. */
  readonly actionRetries?: number;
  /** Whether it is the compensation that is stuck. */
  readonly wasUndoing?: true;
  /** Since when the step is overdue. It is still retried. */
  readonly overdueAt?: Timestamp;
  /** Since when its target is known to answer later. */
  readonly waitingSince?: Timestamp;
  /** The note of the person who resolved it. */
  readonly note?: string;
  /** What a person has decided about its action. */
  readonly resolved?: Resolution;
  /**
   * When it succeeded although a person had said that it was not done. Absent once a person has
   * dealt with that.
   */
  readonly succeededLateAt?: Timestamp;
}

export type SagaStatus = 'running' | 'compensating' | 'completed' | 'compensated';

/** The state of a saga; `status` is absent until it is started. */
export interface SagaState<Input extends JsonObject = JsonObject> {
  readonly status?: SagaStatus;
  readonly id?: string;
  readonly input?: Input;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
  readonly deadline?: Timestamp;
  readonly cause?: SagaCause;
  /** The caller that started it. Absent if another entity did, or older code started it. */
  readonly startedBy?: string;
  /** That caller may use only what it owns, so some steps may act on nothing else. */
  readonly asOwner?: true;
  /** The steps that were started, in that order. */
  readonly steps: readonly StepState[];
}

export const notStarted: SagaState<never> = { steps: [] };

/** Whether the action or the compensation of the step has no outcome yet. */
export function isUnderWay({ status }: StepState): boolean {
  return status === 'running' || status === 'undoing';
}

/** Whether a person may resolve the step: it is stuck or overdue, or waits for a callback. */
export function isResolvable({ status, overdueAt, waitingSince }: StepState): boolean {
  return status === 'stuck' || overdueAt !== undefined || waitingSince !== undefined;
}

/** Since when the step waits for a person; undefined if it does not. */
export function waitsSince({ status, at, overdueAt, succeededLateAt }: StepState): Timestamp | undefined {
  return status === 'stuck' ? at : (overdueAt ?? succeededLateAt);
}

/** Whether it is the compensation of the step that is under way, stuck or overdue. */
export function isUndoing({ status, wasUndoing }: StepState): boolean {
  return status === 'undoing' || wasUndoing === true;
}

export function findStep(state: SagaState, name: string): StepState | undefined {
  return state.steps.find((step) => step.name === name);
}
