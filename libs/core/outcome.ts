import type { problems } from './problems.js';
import type { Timestamp } from './timestamp.js';

/** The command became events; `revision` is that of the last of them, `events` their types in order (never empty). */
export interface Accepted {
  readonly status: 'accepted';
  readonly commandId: string;
  readonly revision: number;
  readonly events: readonly string[];
  readonly at: Timestamp;
}

/** What a receipt tells of a command that left no event to note it on; outcomes of earlier code have neither. */
interface NotedTimes {
  /** When our edge took it. */
  readonly sentAt?: Timestamp;
  readonly decidedAt?: Timestamp;
}

/** A rule said no: nothing was written. `revision` is the one the decision was taken at (-1: no events yet). */
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

/** What became of a command. The first outcome of a command is its outcome for ever. */
export type Outcome = Accepted | Rejected | Failed;
