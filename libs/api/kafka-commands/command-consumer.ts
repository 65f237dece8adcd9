import { Counter } from 'prom-client';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { CommandDoor } from '#libs/entity/gateway/command-door.js';
import type { Kafka, KafkaBatch } from '#libs/kafka/kafka.js';
import type { Logger } from '#libs/runtime/logger.js';
import { BatchWriter } from './batch-writer.js';
import { CommandBatch } from './command-batch.js';

/** Outcomes that take longer are answered `pending`: so long may a slow entity hold up the others of its partition. */
const REPLY_PATIENCE_MILLISECONDS = 10_000;

const consumed = new Counter({
  name: 'perdure_kafka_commands_total',
  help: 'Records of command topics, by what became of them',
  labelNames: ['category', 'result'],
});

export interface CommandConsumerOptions {
  readonly contract: EntityContract;
  readonly kafka: Kafka;
  readonly door: CommandDoor;
  readonly logger: Logger;
}

/**
 * Takes the commands of a category from its topic. A batch is done when all its commands are durable in Temporal and all that
 * is to be written because of them is written, but for replies that no topic will ever take; only then its offset is committed.
 * So a batch may come again, and its replies and dead letters then stand twice, under the ids they had; its commands are
 * decided once, by their ids.
 */
export class CommandConsumer {
  /** Milliseconds since 1970 of the last batch that was done. */
  lastDoneAt: number | undefined;
  private readonly writer: BatchWriter;
  /** By partition, what is in hand there or was when it failed. */
  private readonly inHand = new Map<number, { readonly work: CommandBatch; readonly since: number }>();

  constructor(private readonly options: CommandConsumerOptions) {
    const { contract, kafka, logger } = options;
    this.writer = new BatchWriter(contract.name, kafka, logger);
  }

  /** Handles a batch to its end. Throws while a server that is needed is away; the same batch then goes on where it stopped. */
  async handle(batch: KafkaBatch): Promise<void> {
    const work = this.workOf(batch);
    await work.handOver(this.options.door, REPLY_PATIENCE_MILLISECONDS);
    await this.writer.write(work);
    this.inHand.delete(batch.partition);
    this.count(batch, work);
    this.lastDoneAt = Date.now();
  }

  /** For how long the oldest batch of these partitions has been in hand, in milliseconds; 0 when there is none. */
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
    if (invalid > 0) logger.warn({ topic, partition, invalid }, 'records that are no commands are put aside');
  }
}
