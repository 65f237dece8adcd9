/**
 * The decision of a business rule not to accept a command. It is a value, not an exception, because
 * a rejected command is an ordinary outcome. `code` is stable and listed in the contract of its
 * entity; `detail` is for people and may change.
 */
export interface Rejection {
  readonly rejected: true;
  readonly code: string;
  readonly detail: string;
}

/**
 * Rejects a command with a stable code, `ACCOUNT.INSUFFICIENT_FUNDS`, and a sentence for people.
 */
export function reject(code: string, detail: string): Rejection {
  return { rejected: true, code, detail };
}

/** Whether the result of `decide` is a rejection rather than a list of events. */
export function isRejection(decision: unknown): decision is Rejection {
  return (
    typeof decision === 'object' && decision !== null && 'rejected' in decision && decision.rejected === true
  );
}
