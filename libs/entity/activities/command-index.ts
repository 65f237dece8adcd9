import type { Accepted } from '#libs/core/outcome.js';
import type { Timestamp } from '#libs/core/timestamp.js';

/** An accepted command, and where its last event was published. */
export interface IndexedCommand {
  readonly keyId: string;
  readonly outcome: Accepted;
  readonly recordedAt?: Timestamp;
  readonly relayed?: { readonly partition: number; readonly offset: string; readonly at: Timestamp };
}

/** What an index knows of a stream: everything up to `revision`, and maybe more. */
export interface IndexAnswer {
  /** -1: nothing is indexed yet. */
  readonly revision: number;
  readonly commands: readonly IndexedCommand[];
}

/**
 * The accepted commands of entities, of any age. An index lags behind the streams. To be sure, ask
 * it first and then read the stream after the revision that it names. This leaves no gap: an event
 * is either indexed, at or below that revision, or read, above it.
 */
export interface CommandIndex {
  /** Finds commands of a stream by their ids or keys. Throws if PostgreSQL does not answer soon. */
  find(stream: string, ids: readonly string[]): Promise<IndexAnswer>;
}
