import type { Accepted } from '#libs/core/outcome.js';
import type { Timestamp } from '#libs/core/timestamp.js';

/** An accepted command, and where its last event went. */
export interface IndexedCommand {
  readonly keyId: string;
  readonly outcome: Accepted;
  readonly recordedAt?: Timestamp;
  readonly relayed?: { readonly partition: number; readonly offset: string; readonly at: Timestamp };
}

/** What an index says of a stream: all there is to say of its events up to `revision`, and maybe more. */
export interface IndexAnswer {
  /** -1: nothing is indexed yet. */
  readonly revision: number;
  readonly commands: readonly IndexedCommand[];
}

/**
 * The accepted commands of entities, at any age. An index follows the streams: whoever needs to be sure asks it first, and
 * then reads the stream after the revision that it names; the two leave no gap between them, since each event is either at
 * or below that revision, and indexed, or above it, and read.
 */
export interface CommandIndex {
  /** Commands of a stream by their ids or keys. Throws when PostgreSQL does not answer soon. */
  find(stream: string, ids: readonly string[]): Promise<IndexAnswer>;
}
