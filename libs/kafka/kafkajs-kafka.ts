import type { Admin, Kafka as KafkaJs } from 'kafkajs';
import { within } from '#libs/runtime/within.js';
import type {
  BatchConsumer,
  ConsumeOptions,
  Kafka,
  KafkaRecord,
  Sender,
  TopicSpec,
  TransactionalProducer,
  Watermarks,
} from './kafka.js';
import { TopicsRefusedError, UnfitTopicsError } from './kafka.errors.js';
import { createClient, type KafkaOptions } from './kafkajs-client.js';
import { KafkaJsConsumer } from './kafkajs-consumer.js';
import { isGroupLeft, toKafkaError } from './kafkajs-errors.js';
import { openGroupFreeReader } from './kafkajs-internals.js';
import { openProducer } from './kafkajs-producer.js';
import { scanTopic } from './kafkajs-scan.js';
import { KafkaJsSender } from './kafkajs-sender.js';
import { readTail, readWatermarks } from './kafkajs-tail.js';
import { makeTopics } from './kafkajs-topics.js';
import { KeptReaders } from './kept-readers.js';

const PROBE_MILLISECONDS = 1_500;

/** Kafka through kafkajs. Connects on first use. */
export function connectKafka(options: KafkaOptions): Kafka {
  return new KafkaJsKafka(createClient(options), options);
}

class KafkaJsKafka implements Kafka {
  private readonly open = new Set<BatchConsumer | Sender | TransactionalProducer>();
  private readonly readers: KeptReaders;

  constructor(
    private readonly client: KafkaJs,
    private readonly options: KafkaOptions,
  ) {
    this.readers = new KeptReaders((topic) => openGroupFreeReader(client, topic));
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    const { logger } = this.options;
    const { refused, unfit } = await this.withAdmin('creating topics', (admin) =>
      makeTopics(admin, topics, (name) => readWatermarks(this.client, name), logger),
    );
    if (refused.size > 0) throw new TopicsRefusedError(refused);
    if (unfit.length > 0) throw new UnfitTopicsError(unfit);
  }

  async openProducer(transactionalId: string): Promise<TransactionalProducer> {
    return this.track(await openProducer(this.client, transactionalId));
  }

  openSender(): Sender {
    return this.track(new KafkaJsSender(this.client));
  }

  async readTail<T>(topic: string, accept: (record: KafkaRecord) => T | undefined): Promise<readonly T[]> {
    try {
      return await readTail(this.client, topic, accept);
    } catch (error) {
      throw toKafkaError(error, `reading the end of ${topic}`);
    }
  }

  async *scan(topic: string, positions: Map<number, bigint>): AsyncGenerator<readonly KafkaRecord[]> {
    try {
      yield* scanTopic(this.client, topic, positions);
    } catch (error) {
      throw toKafkaError(error, `reading ${topic}`);
    }
  }

  async watermarks(topic: string): Promise<Watermarks> {
    try {
      return await this.readers.watermarks(topic);
    } catch (error) {
      throw toKafkaError(error, `asking for the offsets of ${topic}`);
    }
  }

  consume(options: ConsumeOptions): BatchConsumer {
    const consumer = new KafkaJsConsumer(this.client, options, this.options.logger);
    consumer.start();
    return this.track(consumer);
  }

  async deleteGroup(groupId: string): Promise<void> {
    await this.withAdmin('removing a consumer group', (admin) =>
      admin.deleteGroups([groupId]).catch((error: unknown) => {
        if (!isGroupLeft(error)) throw error;
      }),
    );
  }

  async isReachable(): Promise<boolean> {
    const probe = this.withAdmin('checking whether it is reachable', (admin) => admin.describeCluster());
    const isThere = probe.then(
      () => true,
      () => false,
    );
    return within(isThere, PROBE_MILLISECONDS, () => false);
  }

  async close(): Promise<void> {
    await Promise.all([...this.open, this.readers].map((resource) => resource.close()));
  }

  private track<R extends BatchConsumer | Sender | TransactionalProducer>(resource: R): R {
    this.open.add(resource);
    const close = resource.close.bind(resource);
    resource.close = async () => {
      this.open.delete(resource);
      await close();
    };
    return resource;
  }

  private async withAdmin<T>(doing: string, use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.client.admin();
    try {
      await admin.connect();
      return await use(admin);
    } catch (error) {
      throw toKafkaError(error, doing);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}
