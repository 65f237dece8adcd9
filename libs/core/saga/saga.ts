import type { Action } from '../effect.js';
import type { JsonObject } from '../json.js';
import type { Rejection } from '../rejection.js';

/** Unless a saga says otherwise: longer than a participant is usually away. */
export const OVERDUE_SECONDS = 300;

/** Why a saga is being undone: the code of the step that was refused, or of the cancellation or time-out. */
export type SagaCause = { readonly code: string; readonly detail: string };

/** One step: what is done, and what undoes it. */
export interface SagaStep {
  /** Unique within the saga; `A–Z a–z 0–9 . _ ~ @ : -`, up to 80. */
  readonly name: string;
  /** Absent where a step is only there to be compensated. */
  readonly action?: Action;
  /**
   * Must be idempotent. Runs when the action succeeded, or when nobody can tell (a call that was refused); never after a
   * command that was rejected, for that changed nothing.
   */
  readonly compensation?: (cause: SagaCause) => Action;
  /** Codes by which a compensation is refused that has nothing to undo (any more). */
  readonly nothingToUndo?: readonly string[];
  /**
   * Once this step has started the saga can neither be cancelled nor time out. When it is refused the saga is compensated
   * still; a step of a later stage that is refused becomes a work item instead.
   */
  readonly pointOfNoReturn?: true;
}

/**
 * A saga (Garcia-Molina and Salem, 1987): stages one after the other, the steps of a stage side by side. When a step is
 * refused, what was done is undone in reverse order.
 *
 * It is an entity like any other: its progress is events in a stream of its own, its actions are effects of those events.
 * So a step is registered before it runs, a saga outlives any process, and one whose workflow is lost goes on from its
 * stream.
 */
export interface SagaDefinition<Input extends JsonObject> {
  /** The category of its streams, its topic and its workflow. */
  readonly name: string;
  /** Raised when what `evolve` makes of stored events changes. */
  readonly stateVersion: number;
  /** Seconds after which a saga that has not passed its point of no return is compensated. */
  readonly patienceSeconds: number;
  /** Seconds without an answer after which a step is overdue: it goes on being tried, and a person may end that. */
  readonly overdueSeconds?: number | undefined;
  /** Says no to an input that no step could be right for. */
  readonly check?: (input: Input) => Rejection | undefined;
  /** The same input and id always give the same stages. */
  readonly stages: (input: Input, id: string) => readonly (readonly SagaStep[])[];
}
