import type { Outcome } from '#libs/core/outcome.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { RingEntry } from '#libs/entity/protocol/entity-messages.js';

/** A command that was not accepted and came under a key, as far as it is still known. */
export interface KeptOutcome {
  /** Absent where the key is another command's. */
  readonly keyId?: string;
  readonly commandId: string;
  /** The one it was decided at. */
  readonly revision: number;
  /** When it was kept. */
  readonly at: Timestamp;
  /** Absent once it is too old: that there was one is known for longer. */
  readonly outcome?: Outcome;
}

/**
 * What streams do not tell: outcomes of commands that came under an idempotency key and left no event, because a rule
 * refused them, their key was used for another command, or a defect failed them. Each is kept for a day at least, its key for
 * longer. All methods throw when the memory is away.
 */
export interface OutcomeMemory {
  /** Keeps these; one that was decided on an older state never replaces a newer one. */
  keep(stream: string, entries: readonly RingEntry[]): Promise<void>;
  /** Those under these ids of commands or keys. */
  find(stream: string, ids: readonly string[]): Promise<readonly KeptOutcome[]>;
  /** The latest of a stream, oldest first; `hasMore` when these are not all that it ever kept. */
  latest(
    stream: string,
    limit: number,
  ): Promise<{ readonly entries: readonly RingEntry[]; readonly hasMore: boolean }>;
}
