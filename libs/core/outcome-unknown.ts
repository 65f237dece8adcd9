import type { Outcome, Rejected } from './outcome.js';
import { problems } from './problems.js';
import type { Timestamp } from './timestamp.js';

/**
 * The outcome of a command of which it is not known now whether it was carried out before. Nothing
 * was written this time. Unlike other outcomes it is not final: the command may be sent again and
 * then gets its real outcome.
 */
export function outcomeUnknown(commandId: string, revision: number, at: Timestamp): Rejected {
  const detail = 'it cannot be known now whether the command was carried out before; repeat it';
  const { code } = problems.outcomeUnknown;
  return { status: 'rejected', commandId, revision, code, detail, at };
}

/** Whether the command has no final outcome and may be sent again. */
export function isOutcomeUnknown(outcome: Outcome | undefined): boolean {
  return outcome?.status === 'rejected' && outcome.code === problems.outcomeUnknown.code;
}
