import type { SendAction } from '../effect.js';
import { flowFor } from '../entity-in-effects.js';
import type { FlowKind, FlowTypes } from '../flow/flow.js';
import type { JsonObject } from '../json.js';
import type { SagaCause } from './saga.js';

/** Whose answer it is: that of the step's action, or of its compensation. */
type Part = 'do' | 'undo';

/** The answers to a step that requests an approval. It is refused unless the approval is given. */
export function approvalAnswers(step: string) {
  return {
    approved: done(step, 'do'),
    refused: refused(step, 'do', { code: 'APPROVAL.REFUSED', detail: 'it was not approved' }),
    withdrawn: refused(step, 'do', { code: 'APPROVAL.WITHDRAWN', detail: 'the request was withdrawn' }),
  };
}

/**
 * Starts a flow as the action or compensation of a step, which is done once the flow is completed,
 * and refused with the code of the flow if it fails.
 */
export function stepFlow<T extends FlowTypes>(
  kind: FlowKind<T>,
  id: string,
  input: T['input'],
  { step, part = 'do' }: { readonly step: string; readonly part?: Part },
): SendAction {
  return flowFor(kind, id, input, {
    completed: done(step, part),
    failed: refused(step, part, { code: 'FLOW.FAILED', detail: 'the flow has failed' }),
    cancelled: refused(step, part, { code: 'FLOW.CANCELLED', detail: 'the flow was cancelled' }),
  });
}

/** The command by which a target says that the action of a step will take long. */
export function stepWaiting(step: string) {
  return { type: 'NoteWaitingStep', data: { step } };
}

/** The command by which a target says later that the action of a step is done. */
export function stepDone(step: string) {
  return done(step, 'do');
}

/** The command by which a target says later that the action of a step was not done. */
export function stepRefused(step: string, cause: SagaCause) {
  return refused(step, 'do', cause);
}

function done(step: string, part: Part) {
  return answer({ key: step, status: 'done', attempts: 1, result: {}, echo: part });
}

function refused(step: string, part: Part, { code, detail }: SagaCause) {
  return answer({ key: step, status: 'refused', attempts: 1, code, detail, echo: part });
}

function answer(data: JsonObject) {
  return { type: 'RecordStep', data };
}
