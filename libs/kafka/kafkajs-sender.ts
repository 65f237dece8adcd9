import type {
  Kafka as KafkaJs,
  Message as MessageOfKafkaJs,
  Producer,
  TopicMessages as TopicMessagesOfKafkaJs,
} from 'kafkajs';
import type { OutgoingMessage, RawRecord, RefusedMessage, Sender, TopicMessages } from './kafka.js';
import { Delivery } from './kafkajs-delivery.js';
import { refusalOf, toKafkaError } from './kafkajs-errors.js';
import { toRequests } from './kafkajs-requests.js';

/**
 * A whole request may go to one partition, and kafkajs makes it one record batch. A topic accepts 1
 * MiB by default.
 */
const MAX_REQUEST_BYTES = 700 * 1024;

/**
 * A producer that is replaced after every failure: kafkajs never forgets a deleted topic, and then
 * fails for all topics.
 */
export class KafkaJsSender implements Sender {
  private producer: Promise<Producer> | undefined;

  constructor(private readonly client: KafkaJs) {}

  async send<Message extends OutgoingMessage | RawRecord>(
    writes: readonly TopicMessages<Message>[],
  ): Promise<readonly RefusedMessage<Message>[]> {
    const delivery = new Delivery<Message>((request) => this.sendOnce(request));
    try {
      for (const request of toRequests(writes, MAX_REQUEST_BYTES)) await delivery.write(request);
    } catch (error) {
      throw toKafkaError(error, `sending to ${writes.map(({ topic }) => topic).join(', ')}`);
    }
    return delivery.refused;
  }

  async close(): Promise<void> {
    const before = this.producer;
    this.producer = undefined;
    await before?.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  private async sendOnce(request: readonly TopicMessages<OutgoingMessage | RawRecord>[]): Promise<void> {
    const topicMessages: TopicMessagesOfKafkaJs[] = request.map(({ topic, messages }) => ({
      topic,
      messages: messages as readonly unknown[] as MessageOfKafkaJs[],
    }));
    try {
      const producer = await (this.producer ??= this.connect());
      await producer.sendBatch({ topicMessages, acks: -1 });
    } catch (error) {
      if (refusalOf(error) !== 'record-too-large') await this.close();
      throw error;
    }
  }

  private async connect(): Promise<Producer> {
    const producer = this.client.producer({ allowAutoTopicCreation: false, maxInFlightRequests: 1 });
    await producer.connect();
    return producer;
  }
}
