import { Counter } from 'prom-client';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { CommandDoor } from '#libs/entity/gateway/entity-gateway.js';
import type { Kafka, KafkaBatch } from '#libs/kafka/kafka.js';
import type { Logger } from '#libs/runtime/logger.js';
import { BatchWriter } from './batch-writer.js';
import { CommandBatch } from './command-batch.js';
import type { RecordSenders } from './record-senders.js';
import type { SenderTurns } from './sender-turns.js';

/**
 * How long a reply waits for its outcome; after that it says `pending`. So a slow entity delays the
 * others in its partition by at most this long.
 */
const REPLY_PATIENCE_MILLISECONDS = 10_000;

const consumed = new Counter({
  name: 'perdure_kafka_commands_total',
  help: 'Records of command topics, by result',
  labelNames: ['category', 'result'],
});

export interface CommandConsumerOptions {
  readonly contract: EntityContract;
  readonly kafka: Kafka;
  readonly door: CommandDoor;
  readonly senders: RecordSenders;
  /** Shared by all categories of the process. */
  readonly turns: SenderTurns;
  readonly logger: Logger;
}

/**
 * Consumes the commands of a category from its topic.
 *
 * A batch is done once all its commands are durable in Temporal, and its dead letters and replies
 * are written, except replies that their topic will never accept. Only then is its offset
 * committed. A batch may therefore be consumed twice. Each of its commands is still decided once,
 * but its replies and dead letters are written twice, under the same ids.
 */
export class CommandConsumer {
  /** When the last batch was done, in milliseconds since 1970. */
  lastDoneAt: number | undefined;
  private readonly writer: BatchWriter;
  /** The batch of each partition that is in progress or has failed. */
  private readonly inHand = new Map<number, { readonly work: CommandBatch; readonly since: number }>();

  constructor(private readonly options: CommandConsumerOptions) {
    const { contract, kafka, logger } = options;
    this.writer = new BatchWriter(contract.name, kafka, logger);
  }

  /**
   * Completes a batch. Throws while a server that it needs is unavailable; call it again with the
   * same batch to resume.
   */
  async handle(batch: KafkaBatch): Promise<void> {
    const work = this.workOf(batch);
    await work.handOver(this.options.door, REPLY_PATIENCE_MILLISECONDS);
    await this.writer.write(work);
    this.inHand.delete(batch.partition);
    this.count(batch, work);
    this.lastDoneAt = Date.now();
  }

  /**
   * How long the oldest batch of these partitions has been in progress, in milliseconds. 0 if none
   * is.
   */
  longestInHand(partitions: Iterable<number>): number {
    const begun = [...partitions].flatMap((partition) => this.inHand.get(partition)?.since ?? []);
    return begun.length === 0 ? 0 : Date.now() - Math.min(...begun);
  }

  async close(): Promise<void> {
    await this.writer.close();
  }

  private workOf(batch: KafkaBatch): CommandBatch {
    const held = this.inHand.get(batch.partition)?.work;
    if (held?.isOf(batch)) return held;
    const { contract, senders, turns } = this.options;
    const work = new CommandBatch(contract, batch, senders, turns);
    this.inHand.set(batch.partition, { work, since: Date.now() });
    return work;
  }

  private count({ topic, partition }: KafkaBatch, { commands, letters }: CommandBatch): void {
    const { contract, logger } = this.options;
    const invalid = letters.length;
    consumed.inc({ category: contract.name, result: 'handed-over' }, commands);
    consumed.inc({ category: contract.name, result: 'invalid' }, invalid);
    if (invalid > 0)
      logger.warn({ topic, partition, count: invalid }, 'records that are not commands are put aside');
  }
}
