import { workflowInfo } from '@temporalio/workflow';
import { turns } from '#libs/entity/workflow/turns.js';

/** A turn makes some three events. */
const TURNS_PER_RUN = 333;
/** The same in histories of older code. */
const EVENTS_PER_RUN = 1_000;
/** Temporal ends a workflow at 51,200 events, without asking. */
const MOST_EVENTS = 20_000;

/** Why a function is cancelled whose run has become too long. */
export const TOO_LONG = {
  code: 'FLOW.TOO_LONG',
  detail: `its history has more than ${MOST_EVENTS} events`,
};

/** Whether the function should continue as new when it is between two rounds. */
export function isRunLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  const isLong = turns.areTaken ? turns.count > TURNS_PER_RUN : historyLength > EVENTS_PER_RUN;
  return isLong || continueAsNewSuggested;
}

/** Whether the run must come to its end. */
export function isRunTooLong(): boolean {
  return workflowInfo().historyLength > MOST_EVENTS;
}
