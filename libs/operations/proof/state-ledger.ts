import { fromStateRecord, type StatedEntity } from '#libs/relay/state-record.codec.js';
import type { KafkaRecord } from '#libs/kafka/kafka.js';
import { UnreadableRecordError } from '#libs/kafka/kafka.errors.js';
import type { Drift } from './drift.js';
import { stateHash } from './state-hash.js';

/** The latest state of an entity on the topic, small enough to keep one for each entity. */
export interface LatestState extends Pick<StatedEntity, 'revision' | 'hash' | 'stateVersion'> {
  /** Digest of the published view of the state. */
  readonly digest: string;
}

/**
 * Takes the records of a state topic and remembers the newest of each entity, with only a hash of
 * its state.
 */
export class StateLedger {
  private readonly entries = new Map<string, LatestState>();

  constructor(
    readonly topic: string,
    /** States of an older version than this still have to be refilled. */
    private readonly stateVersion: number,
  ) {}

  /** What is wrong with this record. */
  take(record: KafkaRecord): Drift | undefined {
    try {
      const { stream, shown, ...state } = fromStateRecord(record);
      const { stateVersion = this.stateVersion, revision = -1 } = this.entries.get(stream) ?? {};
      const isOfNewerRules = state.stateVersion > stateVersion;
      const isNewer = state.stateVersion === stateVersion && state.revision >= revision;
      if (isOfNewerRules || isNewer) this.entries.set(stream, { ...state, digest: stateHash(shown) });
      return undefined;
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      const place = `offset ${record.offset} of partition ${record.partition}`;
      return this.drift(record.key ?? '', `the record at ${place} is not a state`);
    }
  }

  /** Number of entities on the topic. */
  get size(): number {
    return this.entries.size;
  }

  latest(stream: string): LatestState | undefined {
    return this.entries.get(stream);
  }

  /** Revision of the state of a stream on the topic, or -1 if it has none. */
  revisionOf(stream: string): number {
    return this.entries.get(stream)?.revision ?? -1;
  }

  /** What is wrong with the state of a stream, given the store's hash at the same revision. */
  compare(stream: string, hash: string | undefined): Drift | undefined {
    const entry = this.entries.get(stream);
    if (entry?.hash === undefined || hash === undefined || entry.hash === hash) return undefined;
    return this.drift(
      stream,
      `the state at revision ${entry.revision} is of other events than those in the store`,
    );
  }

  /** States of events that no stream has. `endOf`: last revision of a stream. */
  *beyond(endOf: (stream: string) => number): Generator<Drift> {
    for (const [stream, { revision }] of this.entries) {
      if (revision <= endOf(stream)) continue;
      yield this.drift(
        stream,
        `the state is of revision ${revision}, but the stream ends at ${endOf(stream)}`,
      );
    }
  }

  /** Reports a state that should be on the topic and is not. */
  missing(stream: string, revision: number): Drift {
    const last = this.revisionOf(stream);
    return this.drift(stream, `the state of revision ${revision} is missing, the last is of ${last}`);
  }

  private drift(stream: string, detail: string): Drift {
    return { kind: 'topic', stream, where: this.topic, detail };
  }
}
