import { createHash } from 'node:crypto';
import type {
  BatchConsumer,
  Kafka,
  KafkaRecord,
  OutgoingMessage,
  Sender,
  TransactionalProducer,
  Watermarks,
} from '#libs/kafka/kafka.js';
import { ProducerFencedError } from '#libs/kafka/kafka.errors.js';

const PARTITIONS = 12;

/**
 * Kafka in memory, as a relay needs it: transactions that are visible at once, fencing, and partitions by key. It has no
 * consumers.
 */
export class MemoryKafka implements Kafka {
  private readonly topics = new Map<string, KafkaRecord[]>();
  private readonly owners = new Map<string, object>();

  /** All records of a topic, in the order in which they came. */
  recordsOf(topic: string): readonly KafkaRecord[] {
    return this.topics.get(topic) ?? [];
  }

  async ensureTopics(): Promise<void> {}

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
    throw new TypeError('the Kafka in memory has no plain producers');
  }

  consume(): BatchConsumer {
    throw new TypeError('the Kafka in memory has no consumers');
  }

  /** There are no groups here. */
  async deleteGroup(): Promise<void> {}

  async isReachable(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {}

  private write(topic: string, { key, value, headers }: OutgoingMessage): void {
    const partition = createHash('sha256').update(key).digest().readUInt32BE() % PARTITIONS;
    const offset = this.highOf(topic, partition);
    const raw = { key: Buffer.from(key), value: Buffer.from(value), headers: {} };
    const record = { topic, partition, offset, timestamp: Date.now(), key, value, headers, raw };
    this.topics.set(topic, [...this.recordsOf(topic), record]);
  }

  private highOf(topic: string, partition: number): bigint {
    return BigInt(this.recordsOf(topic).filter((record) => record.partition === partition).length);
  }
}
