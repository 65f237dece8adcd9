import type { Action, SendAction } from '../effect.js';
import type { JsonObject } from '../json.js';
import type { Rejection } from '../rejection.js';

/** The default: longer than the usual outage of a participant. */
export const OVERDUE_SECONDS = 300;

/**
 * Why a saga is compensated: the code of the refused step, of the cancellation or of the timeout.
 */
export type SagaCause = { readonly code: string; readonly detail: string };

/** One step: an action and its compensation. */
export interface SagaStep {
  /** Unique within the saga; `A–Z a–z 0–9 . _ ~ @ : -`, up to 80. */
  readonly name: string;
  /**
   * Absent if the step only has a compensation. If its target answers later (`answer`), the step
   * waits for that answer, and takes it from that target only. A function receives the number of
   * times that the step was asked for, from 1: a person may retry it, and a flow that has ended
   * needs another id then.
   */
  readonly action?: Action | ((asked: number) => Action);
  /**
   * If the saga was started by a caller that may use only what it owns, this step acts on nothing
   * else: an entity of another owner does not exist for it.
   */
  readonly onlyForStarter?: true;
  /**
   * Must be idempotent. Runs if the action succeeded or may have had an effect (a refused call). It
   * never runs after a rejected command, which has changed nothing.
   */
  readonly compensation?: (cause: SagaCause, asked: number) => Action;
  /**
   * Sent when the saga is compensated, or a person says that the step was not done, while the
   * target has not answered yet. The step still waits for the answer: the target may have done it
   * before.
   */
  readonly withdraw?: SendAction;
  /**
   * Seconds that the target of an action or compensation may take to answer later, before the step
   * is overdue. Default: `overdueSeconds` of the saga. A target that may also do the work at once
   * says with `NoteWaitingStep` that it will answer later. For a call that is answered by callback,
   * it is the time until its callback address expires. Then the step is stuck.
   */
  readonly answerSeconds?: number;
  /** The codes with which the compensation is refused if there is nothing left to undo. */
  readonly nothingToUndo?: readonly string[];
  /**
   * Once this step has started, the saga can neither be cancelled nor time out. If the step itself
   * is refused, the saga is still compensated. If a step of a later stage is refused, it waits for
   * a person.
   */
  readonly pointOfNoReturn?: true;
}

/**
 * A saga (Garcia-Molina and Salem, 1987): stages in sequence, with the steps of a stage in
 * parallel. If a step is refused, the completed steps are compensated in reverse order.
 *
 * A saga is an entity like any other: its progress is recorded as events in its own stream, and its
 * actions are effects of those events. So a step is recorded before it runs, a saga survives any
 * process, and one whose workflow is lost resumes from its stream.
 */
export interface SagaDefinition<Input extends JsonObject> {
  /** The category of its streams, its topic and its workflow. */
  readonly name: string;
  /** Raise it when the meaning of stored events changes: sagas then refold their streams. */
  readonly stateVersion: number;
  /** Seconds after which the saga is compensated, unless it has passed its point of no return. */
  readonly patienceSeconds: number;
  /**
   * Seconds without an outcome after which a step is overdue. It is still retried, until a person
   * resolves it.
   */
  readonly overdueSeconds?: number | undefined;
  /**
   * The caller that a saga with this input belongs to, which may be the one that started it. If
   * absent, nobody owns it.
   */
  readonly owner?: (input: Input, startedBy: string | undefined) => string | undefined;
  /** Rejects an input that the saga cannot work with. */
  readonly check?: (input: Input) => Rejection | undefined;
  /** Must return the same stages for the same input and id. */
  readonly stages: (input: Input, id: string) => readonly (readonly SagaStep[])[];
}
