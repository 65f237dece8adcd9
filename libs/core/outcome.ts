import type { Acting } from './acting.js';
import type { problems } from './problems.js';
import type { Timestamp } from './timestamp.js';

/** Who sent the command. Outcomes of older code do not say so. */
type OfSender = Partial<Acting>;

/**
 * The command produced events. `revision` is that of the last one; `events` are their types in
 * order, at least one.
 */
export interface Accepted extends OfSender {
  readonly status: 'accepted';
  readonly commandId: string;
  readonly revision: number;
  readonly events: readonly string[];
  readonly at: Timestamp;
}

/** Times for the receipt of a command without events. Outcomes of older code have neither. */
interface NotedTimes extends OfSender {
  /** When the API accepted it. */
  readonly sentAt?: Timestamp;
  readonly decidedAt?: Timestamp;
}

/**
 * A rule rejected the command, and nothing was written. `revision` is that of the state it was
 * decided on (-1: no events).
 */
export interface Rejected extends NotedTimes {
  readonly status: 'rejected';
  readonly commandId: string;
  readonly revision: number;
  readonly code: string;
  readonly detail: string;
  readonly at: Timestamp;
}

/** An internal error made this one command fail. Nothing was written; the entity continues. */
export interface Failed extends NotedTimes {
  readonly status: 'failed';
  readonly commandId: string;
  readonly revision: number;
  readonly code: typeof problems.internal.code;
  readonly detail: string;
  readonly at: Timestamp;
}

/** The result of a command. The first outcome of a command is final. */
export type Outcome = Accepted | Rejected | Failed;
