import { Counter } from 'prom-client';
import { deadLetterTopic } from '#contracts/entity-contract.js';
import { LARGEST_BATCH_BYTES } from '#libs/kafka/event-topic.js';
import type { Kafka, RawRecord, Sender, TopicMessages } from '#libs/kafka/kafka.js';
import { TopicsRefusedError } from '#libs/kafka/kafka.errors.js';
import { sizeOf } from '#libs/kafka/message-size.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { CommandBatch } from './command-batch.js';
import { withoutRecord } from './dead-letter.js';
import { ReplyTopics } from './reply-topics.js';

const dropped = new Counter({
  name: 'perdure_kafka_replies_dropped_total',
  help: 'Replies lost because the topic named by their sender never accepts them, by reason',
  labelNames: ['category', 'reason'],
});

/** Writes the replies and dead letters of a batch. */
export class BatchWriter {
  private readonly sender: Sender;
  private readonly topics: ReplyTopics;

  constructor(
    private readonly category: string,
    kafka: Kafka,
    logger: Logger,
  ) {
    this.sender = kafka.openSender();
    this.topics = new ReplyTopics(kafka, logger);
  }

  /**
   * Resolves once all dead letters are written, and all replies except those that their topic will
   * never accept. A sender's topic must not delay the commands of others, and the outcomes of lost
   * replies can still be read as receipts.
   *
   * Throws if a retry may help. Also throws while the dead letter topic refuses letters, because
   * they are the only copies of their records.
   */
  async write(batch: CommandBatch): Promise<void> {
    await this.writeLetters(batch.letters);
    await this.writeReplies(batch.outcomes());
  }

  async close(): Promise<void> {
    await this.sender.close();
  }

  private async writeLetters(letters: readonly RawRecord[]): Promise<void> {
    const topic = deadLetterTopic(this.category);
    // A letter may exceed the maximum size of a request. The broker would answer by closing the
    // connection.
    const fitting = letters.map((letter) =>
      sizeOf(letter) > LARGEST_BATCH_BYTES ? withoutRecord(letter) : letter,
    );
    const refused = await this.sender.send([{ topic, messages: fitting }]);
    if (refused.length === 0) return;
    const messages = refused.map(({ message }) => withoutRecord(message));
    const [still] = await this.sender.send([{ topic, messages }]);
    if (still) throw new TopicsRefusedError(new Map([[topic, still.reason]]));
  }

  private async writeReplies(replies: readonly TopicMessages[]): Promise<void> {
    await this.topics.ensure(replies.map(({ topic }) => topic));
    const lost = replies.flatMap(({ topic, messages }) => {
      const reason = this.topics.refusalOf(topic);
      return reason === undefined ? [] : messages.map(() => ({ topic, reason }));
    });
    const taken = replies.filter(({ topic }) => this.topics.refusalOf(topic) === undefined);
    const refused = await this.send(taken);
    for (const { topic, reason } of refused) this.topics.refuse(topic, reason);
    for (const { reason } of [...lost, ...refused]) dropped.inc({ category: this.category, reason });
  }

  private async send(replies: readonly TopicMessages[]): ReturnType<Sender['send']> {
    try {
      return await this.sender.send(replies);
    } catch (error) {
      this.topics.forget();
      throw error;
    }
  }
}
