import { Counter } from 'prom-client';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { CommandDoor } from '#libs/entity/gateway/entity-gateway.js';
import type { Kafka, KafkaBatch } from '#libs/kafka/kafka.js';
import type { Logger } from '#libs/runtime/logger.js';
import { BatchWriter } from './batch-writer.js';
import { CommandBatch } from './command-batch.js';

/**
 * Outcomes that take longer are answered `pending`. A slow entity delays the others in its
 * partition at most this long.
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
  readonly logger: Logger;
}

/**
 * Consumes the commands of a category from its topic. A batch is done once all its commands are
 * durable in Temporal and its replies and dead letters are written, except replies that no topic
 * will ever accept. Only then is its offset committed. So a batch may be consumed twice; its
 * replies and dead letters are then written twice under the same ids, but its commands are decided
 * once.
 */
export class CommandConsumer {
  /** Time of the last batch that was done, in milliseconds since 1970. */
  lastDoneAt: number | undefined;
  private readonly writer: BatchWriter;
  /** By partition, the batch in progress, or the one that failed. */
  private readonly inHand = new Map<number, { readonly work: CommandBatch; readonly since: number }>();

  constructor(private readonly options: CommandConsumerOptions) {
    const { contract, kafka, logger } = options;
    this.writer = new BatchWriter(contract.name, kafka, logger);
  }

  /**
   * Completes a batch. Throws while a required server is unavailable; the same batch is then
   * resumed.
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
   * How long the oldest batch of these partitions has been in progress, in milliseconds; 0 if there
   * is none.
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
    const work = new CommandBatch(this.options.contract, batch);
    this.inHand.set(batch.partition, { work, since: Date.now() });
    return work;
  }

  private count({ topic, partition }: KafkaBatch, { commands, letters }: CommandBatch): void {
    const { contract, logger } = this.options;
    const invalid = letters.length;
    consumed.inc({ category: contract.name, result: 'handed-over' }, commands);
    consumed.inc({ category: contract.name, result: 'invalid' }, invalid);
    if (invalid > 0)
      logger.warn({ topic, partition, invalid }, 'records that are not commands are put aside');
  }
}
