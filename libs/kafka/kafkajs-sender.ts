import type { Kafka as KafkaJs, Message, Producer, TopicMessages } from 'kafkajs';
import type { Sender } from './kafka.js';
import { toKafkaError } from './kafkajs-errors.js';
import { toRequests } from './kafkajs-requests.js';

/** All of a request may fall into one partition, and kafkajs makes one record batch of it: a topic takes 1 MiB unless told otherwise. */
const MAX_REQUEST_BYTES = 700 * 1024;

/** A producer that is made anew after every failure: kafkajs never forgets a topic that is gone, and fails for all then. */
export class KafkaJsSender implements Sender {
  private producer: Promise<Producer> | undefined;

  constructor(private readonly client: KafkaJs) {}

  async send(writes: Parameters<Sender['send']>[0]): Promise<void> {
    try {
      for (const request of toRequests(writes, MAX_REQUEST_BYTES)) {
        const topicMessages: TopicMessages[] = request.map(({ topic, messages }) => ({
          topic,
          messages: messages as readonly unknown[] as Message[],
        }));
        const producer = await (this.producer ??= this.connect());
        await producer.sendBatch({ topicMessages, acks: -1 });
      }
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
