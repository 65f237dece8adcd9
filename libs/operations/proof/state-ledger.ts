import { fromStateRecord, type StatedEntity } from '#libs/relay/state-record.codec.js';
import type { KafkaRecord } from '#libs/kafka/kafka.js';
import { UnreadableRecordError } from '#libs/kafka/kafka.errors.js';
import type { Drift } from './drift.js';
import { stateHash } from './state-hash.js';

/** The latest state of an entity on the topic, short enough to be kept for each of them. */
export interface LatestState extends Pick<StatedEntity, 'revision' | 'hash' | 'stateVersion'> {
  /** Of what is shown. */
  readonly digest: string;
}

/** Takes the records of a topic of states and keeps of each entity the newest, and nothing of its state but a hash. */
export class StateLedger {
  private readonly entries = new Map<string, LatestState>();

  constructor(
    readonly topic: string,
    /** What is of an older version than this is yet to be filled anew. */
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
      return this.drift(record.key ?? '', `the record at ${place} is no state`);
    }
  }

  /** How many entities the topic shows. */
  get size(): number {
    return this.entries.size;
  }

  latest(stream: string): LatestState | undefined {
    return this.entries.get(stream);
  }

  /** As of which event the topic shows a stream, -1 when it does not. */
  revisionOf(stream: string): number {
    return this.entries.get(stream)?.revision ?? -1;
  }

  /** What is wrong with what is shown of a stream, of which the store knows this hash up to the same revision. */
  compare(stream: string, hash: string | undefined): Drift | undefined {
    const entry = this.entries.get(stream);
    if (entry?.hash === undefined || hash === undefined || entry.hash === hash) return undefined;
    return this.drift(
      stream,
      `the state at revision ${entry.revision} is of other events than the store holds`,
    );
  }

  /** States that are shown as of events that no stream holds. `endOf`: its last revision. */
  *beyond(endOf: (stream: string) => number): Generator<Drift> {
    for (const [stream, { revision }] of this.entries) {
      if (revision <= endOf(stream)) continue;
      yield this.drift(
        stream,
        `the state is of revision ${revision}, and the stream ends at ${endOf(stream)}`,
      );
    }
  }

  /** It is to be there, and is not. */
  missing(stream: string, revision: number): Drift {
    const last = this.revisionOf(stream);
    return this.drift(stream, `the state of revision ${revision} is missing, the last is of ${last}`);
  }

  private drift(stream: string, detail: string): Drift {
    return { kind: 'topic', stream, where: this.topic, detail };
  }
}
