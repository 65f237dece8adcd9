import { millisecondsIn } from './duration.js';
import type { CallOptions } from './flow-options.js';
import type { ActionOutcome } from './flow-host.js';

/** How a call is retried, in milliseconds, with the defaults of `CallPolicy`. */
export interface CallRetries {
  readonly initialInterval: number;
  readonly backoffCoefficient: number;
  readonly maximumInterval: number;
  readonly maximumAttempts: number | undefined;
  readonly attemptTimeout: number;
  readonly patience: number | undefined;
  readonly nonRetryable: readonly string[];
}

/** The retries that a policy asks for. No interval is zero, because Temporal accepts none. */
export function callRetries(policy: Omit<CallOptions, 'key'> = {}): CallRetries {
  const { initialInterval = '200ms', backoffCoefficient = 2, maximumInterval = '10s' } = policy;
  const { maximumAttempts, attemptTimeout = '15s', patience, nonRetryable = [] } = policy;
  const first = Math.max(1, millisecondsIn(initialInterval));
  return {
    initialInterval: first,
    backoffCoefficient,
    maximumInterval: Math.max(first, millisecondsIn(maximumInterval)),
    maximumAttempts,
    attemptTimeout: Math.max(1, millisecondsIn(attemptTimeout)),
    patience: patience === undefined ? undefined : Math.max(1, millisecondsIn(patience)),
    nonRetryable,
  };
}

/** The outcome of a call whose attempts have failed; `type` is the code of the last failure. */
export function failedCall(
  { nonRetryable }: CallRetries,
  type: string | undefined | null,
  detail: string,
): ActionOutcome {
  const isRefused = typeof type === 'string' && nonRetryable.includes(type);
  if (isRefused) return { status: 'refused', code: type, detail };
  return { status: 'unresolved', code: 'FLOW.CALL_UNRESOLVED', detail };
}
