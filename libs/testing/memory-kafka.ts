import { createHash } from 'node:crypto';
import type {
  BatchConsumer,
  Kafka,
  KafkaRecord,
  OutgoingMessage,
  RawRecord,
  Refusal,
  RefusedMessage,
  Sender,
  TopicMessages,
  TopicSpec,
  TransactionalProducer,
  Watermarks,
} from '#libs/kafka/kafka.js';
import { ProducerFencedError, TopicsRefusedError } from '#libs/kafka/kafka.errors.js';

const PARTITIONS = 12;

/** Why a topic, or a message for it, is always refused. */
type Refuse = (topic: string, message?: OutgoingMessage | RawRecord) => Refusal | undefined;

/**
 * Kafka in memory, as a relay needs it: transactions that are visible immediately, fencing, and
 * partitions by key. It has no consumers.
 */
export class MemoryKafka implements Kafka {
  private readonly topics = new Map<string, KafkaRecord[]>();
  private readonly owners = new Map<string, object>();

  constructor(private readonly refuse: Refuse = () => undefined) {}

  /** All records of a topic, in order of arrival. */
  recordsOf(topic: string): readonly KafkaRecord[] {
    return this.topics.get(topic) ?? [];
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    const refused = new Map<string, Refusal>();
    for (const { name } of topics) {
      const reason = this.refuse(name);
      if (reason !== undefined) refused.set(name, reason);
    }
    if (refused.size > 0) throw new TopicsRefusedError(refused);
  }

  async openProducer(transactionalId: string): Promise<TransactionalProducer> {
    const owner = {};
    this.owners.set(transactionalId, owner);
    return {
      commit: async (writes) => {
        if (this.owners.get(transactionalId) !== owner)
          throw new ProducerFencedError('another producer took over');
        for (const { topic, messages } of writes) {
          for (const message of messages) this.write(topic, message);
        }
      },
      close: async () => undefined,
    };
  }

  async readTail<T>(topic: string, accept: (record: KafkaRecord) => T | undefined): Promise<readonly T[]> {
    const tail = new Map<number, T>();
    for (const record of this.recordsOf(topic)) {
      const accepted = accept(record);
      if (accepted !== undefined) tail.set(record.partition, accepted);
    }
    return [...tail.values()];
  }

  async *scan(topic: string, positions: Map<number, bigint>): AsyncGenerator<readonly KafkaRecord[]> {
    for (const [partition, { high }] of await this.watermarks(topic)) {
      const from = positions.get(partition) ?? 0n;
      const records = this.recordsOf(topic).filter((record) => record.partition === partition);
      yield records.filter(({ offset }) => offset >= from && offset < high);
      positions.set(partition, high);
    }
  }

  async watermarks(topic: string): Promise<Watermarks> {
    const marks = Array.from({ length: PARTITIONS }, (_, partition) => {
      return [partition, { low: 0n, high: this.highOf(topic, partition) }] as const;
    });
    return new Map(marks);
  }

  openSender(): Sender {
    return { send: async (writes) => this.send(writes), close: async () => undefined };
  }

  consume(): BatchConsumer {
    throw new TypeError('the in-memory Kafka has no consumers');
  }

  /** There are no groups here. */
  async deleteGroup(): Promise<void> {}

  async isReachable(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {}

  private send<M extends OutgoingMessage | RawRecord>(writes: readonly TopicMessages<M>[]) {
    const refused: RefusedMessage<M>[] = [];
    for (const { topic, messages } of writes) {
      for (const message of messages) {
        const reason = this.refuse(topic, message);
        if (reason === undefined) this.write(topic, message);
        else refused.push({ topic, message, reason });
      }
    }
    return refused;
  }

  private write(topic: string, message: OutgoingMessage | RawRecord): void {
    const key = message.key?.toString();
    const value = message.value?.toString();
    const headers = Object.fromEntries(
      Object.entries(message.headers).map(([name, found]) => [name, String(found)]),
    );
    const partition =
      createHash('sha256')
        .update(key ?? '')
        .digest()
        .readUInt32BE() % PARTITIONS;
    const offset = this.highOf(topic, partition);
    const raw = { key: bufferOf(key), value: bufferOf(value), headers: {} };
    const record = { topic, partition, offset, timestamp: Date.now(), key, value, headers, raw };
    this.topics.set(topic, [...this.recordsOf(topic), record]);
  }

  private highOf(topic: string, partition: number): bigint {
    return BigInt(this.recordsOf(topic).filter((record) => record.partition === partition).length);
  }
}

function bufferOf(text: string | undefined): Buffer | null {
  return text === undefined ? null : Buffer.from(text);
}
