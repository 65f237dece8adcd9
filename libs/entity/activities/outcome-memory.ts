import type { Outcome } from '#libs/core/outcome.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { RingEntry } from '#libs/entity/protocol/entity-messages.js';

/** A command with a key that was not accepted, as far as it is still known. */
export interface KeptOutcome {
  /** Absent if the key belongs to another command. */
  readonly keyId?: string;
  readonly commandId: string;
  /** Its sender. Absent if older code stored it. */
  readonly actor?: string;
  /** The revision at which it was decided. */
  readonly revision: number;
  /** When it was stored. */
  readonly at: Timestamp;
  /** Absent once it is too old. That the command existed is known for longer. */
  readonly outcome?: Outcome;
}

/**
 * Stores outcomes that are not in streams: those of commands with an idempotency key that left no
 * event, because a rule rejected them, their key was used for another command, or an internal error
 * made them fail. An outcome is kept for a day at least, its key for longer. All methods throw if
 * the memory is unavailable.
 */
export interface OutcomeMemory {
  /** Stores these. An outcome decided on an older state never replaces a newer one. */
  keep(stream: string, entries: readonly RingEntry[]): Promise<void>;
  /** Finds outcomes by the ids of commands or keys. */
  find(stream: string, ids: readonly string[]): Promise<readonly KeptOutcome[]>;
  /** The latest outcomes of a stream, oldest first; `hasMore` if there were more. */
  latest(
    stream: string,
    limit: number,
  ): Promise<{ readonly entries: readonly RingEntry[]; readonly hasMore: boolean }>;
}
