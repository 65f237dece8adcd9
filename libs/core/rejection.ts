/**
 * The answer of a business rule that says no. It is a value, not an exception: a rejected command is an ordinary
 * outcome. `code` is stable and listed in the contract of its entity; `detail` is for people and may change.
 */
export interface Rejection {
  readonly rejected: true;
  readonly code: string;
  readonly detail: string;
}

/** Rejects a command with a stable code, `ACCOUNT.INSUFFICIENT_FUNDS`, and a sentence for people. */
export function reject(code: string, detail: string): Rejection {
  return { rejected: true, code, detail };
}

/** Whether what `decide` returned is a rejection (else it is a list of events). */
export function isRejection(decision: unknown): decision is Rejection {
  return (
    typeof decision === 'object' && decision !== null && 'rejected' in decision && decision.rejected === true
  );
}
