import type { Kafka as KafkaJs, Message, Producer, TopicMessages } from 'kafkajs';
import type { Sender } from './kafka.js';
import { toKafkaError } from './kafkajs-errors.js';

/** A producer that is made anew after every failure: kafkajs never forgets a topic that is gone, and fails for all then. */
export class KafkaJsSender implements Sender {
  private producer: Promise<Producer> | undefined;

  constructor(private readonly client: KafkaJs) {}

  async send(writes: Parameters<Sender['send']>[0]): Promise<void> {
    const topicMessages: TopicMessages[] = writes
      .filter(({ messages }) => messages.length > 0)
      .map(({ topic, messages }) => ({ topic, messages: messages as readonly unknown[] as Message[] }));
    if (topicMessages.length === 0) return;
    try {
      const producer = await (this.producer ??= this.connect());
      await producer.sendBatch({ topicMessages, acks: -1 });
    } catch (error) {
      await this.close();
      throw toKafkaError(error, `sending to ${writes.map(({ topic }) => topic).join(', ')}`);
    }
  }

  async close(): Promise<void> {
    const before = this.producer;
    this.producer = undefined;
    await before?.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  private async connect(): Promise<Producer> {
    const producer = this.client.producer({ allowAutoTopicCreation: false, maxInFlightRequests: 1 });
    await producer.connect();
    return producer;
  }
}
