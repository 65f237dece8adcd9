import { BrokenChainError, nextLink } from '#libs/event-store/event-hash.js';
import { fromCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import type { KafkaRecord } from '#libs/kafka/kafka.js';
import { UnreadableRecordError } from '#libs/kafka/kafka.errors.js';
import type { Drift } from '../proof/drift.js';

/** How far a stream has come on its topic. */
interface Entry {
  readonly revision: number;
  readonly hash: string | undefined;
}

/**
 * Takes the records of a topic in order and remembers how far each stream has come. Anything out of
 * order is drift.
 */
export class TopicLedger {
  private readonly entries = new Map<string, Entry>();

  constructor(readonly topic: string) {}

  /** What is wrong with this record, given those before it. */
  take(record: KafkaRecord): Drift | undefined {
    try {
      const event = fromCloudEvent(record);
      const { revision = -1, hash } = this.entries.get(event.stream) ?? {};
      if (event.revision !== revision + 1) {
        this.entries.set(event.stream, { revision: Math.max(revision, event.revision), hash: event.hash });
        return this.drift(event.stream, `revision ${event.revision} comes after ${revision}`);
      }
      this.entries.set(event.stream, { revision: event.revision, hash: event.hash });
      this.entries.set(event.stream, { revision: event.revision, hash: nextLink(hash, event, event.hash) });
      return undefined;
    } catch (error) {
      if (error instanceof BrokenChainError) return this.drift(record.key ?? '', error.message);
      if (!(error instanceof UnreadableRecordError)) throw error;
      const place = `offset ${record.offset} of partition ${record.partition}`;
      return this.drift(record.key ?? '', `the record at ${place} is not an event: ${error.message}`);
    }
  }

  /** The last revision of a stream on the topic, or -1 if it has none. */
  revisionOf(stream: string): number {
    return this.entries.get(stream)?.revision ?? -1;
  }

  /** Compares the topic's hash of a stream with the store's at the same revision. */
  compare(stream: string, hash: string | undefined): Drift | undefined {
    const entry = this.entries.get(stream);
    if (entry?.hash === undefined || hash === undefined || entry.hash === hash) return undefined;
    return this.drift(stream, `up to revision ${entry.revision} the topic has other events than the store`);
  }

  /** Events on the topic that no stream has. `endOf`: last revision of a stream. */
  *beyond(endOf: (stream: string) => number): Generator<Drift> {
    for (const [stream, { revision }] of this.entries) {
      const end = endOf(stream);
      if (revision <= end) continue;
      const detail = `it ends at revision ${end}, but the topic has ${revision}: the store has lost events`;
      yield { kind: 'stream', stream, detail };
    }
  }

  /** Reports an event that should be on the topic and is not. */
  missing(stream: string, revision: number): Drift {
    return this.drift(stream, `revision ${revision} is missing on the topic`);
  }

  private drift(stream: string, detail: string): Drift {
    return { kind: 'topic', stream, where: this.topic, detail };
  }
}
