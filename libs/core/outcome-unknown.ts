import type { Outcome, Rejected } from './outcome.js';
import type { Timestamp } from './timestamp.js';

/** The code of such an outcome. */
const OUTCOME_UNKNOWN = 'COMMAND.OUTCOME_UNKNOWN';

/**
 * The outcome of a command that may have been carried out before, which cannot be known at the moment. Nothing was written for
 * it this time. Unlike other outcomes it is not final: the command may be sent again and gets its real outcome.
 */
export function outcomeUnknown(commandId: string, revision: number, at: Timestamp): Rejected {
  const detail = 'it cannot be known now whether the command was carried out before; repeat it';
  return { status: 'rejected', commandId, revision, code: OUTCOME_UNKNOWN, detail, at };
}

/** Whether an outcome is none: the command may be sent again. */
export function isOutcomeUnknown(outcome: Outcome | undefined): boolean {
  return outcome?.status === 'rejected' && outcome.code === OUTCOME_UNKNOWN;
}
