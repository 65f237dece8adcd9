import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { type AtStep, passingOf } from '#libs/core/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { fromCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import type { BatchControl, Kafka, KafkaBatch } from '#libs/kafka/kafka.js';
import { UnreadableRecordError } from '#libs/kafka/kafka.errors.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import type { Logger } from '#libs/runtime/logger.js';
import { loadOffsets, lockOffset, saveOffset } from './partition-offset.js';
import { TransactionTimeoutError } from './read-model.errors.js';
import { inTransaction } from './transaction.js';
import { type UnreadableRecord, noteUnreadable } from './unreadable-records.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { isBadValue, ViewFolder } from './view-folder.js';

export interface ProjectorOptions {
  readonly view: AnyView;
  readonly pool: Pool;
  readonly store: EventStore;
  readonly kafka: Kafka;
  readonly logger: Logger;
  /** For commands that are `projected`. */
  readonly atStep?: AtStep;
  /** Awaited before a batch of this many records is applied. */
  readonly pace?: (records: number) => Promise<void>;
  /** Called in the transaction of each batch. If it throws, the batch does not count. */
  readonly permit?: (client: PoolClient) => Promise<void>;
  /** The longest that a transaction may take. Default: half a minute. */
  readonly batchMilliseconds?: number | undefined;
}

/** At most this many are not committed separately when PostgreSQL refuses a row of one of them. */
const FEW_RECORDS = 50;

/**
 * Applies batches of a topic to one view. Rows, revisions of entities and the partition's offset
 * change in one transaction, so a batch counts once however often it is delivered.
 */
export class Projector {
  /** Time of the last applied batch, in milliseconds since 1970. */
  lastAppliedAt: number | undefined;
  private readonly key: string;
  private readonly folder: ViewFolder;
  /**
   * By partition, the generation of the consumer in which it was found to resume at the view's
   * offset.
   */
  private readonly positioned = new Map<number, number>();
  /**
   * The offset at which this projector left each partition. Another one there means that the view's
   * rows were exchanged.
   */
  private readonly left = new Map<number, bigint>();
  /**
   * Records in one transaction: fewer after one that took too long, more again after each batch.
   */
  private most = Infinity;

  constructor(private readonly options: ProjectorOptions) {
    this.key = viewKey(options.view);
    this.folder = new ViewFolder(options);
  }

  /** The offsets at which the view resumes in these partitions. */
  async startAt(topic: string, partitions: readonly number[]): Promise<Map<number, bigint>> {
    const [stored, watermarks] = await Promise.all([
      loadOffsets(this.options.pool, this.key, topic),
      this.options.kafka.watermarks(topic),
    ]);
    return new Map(
      partitions.map((partition) => {
        const { low = 0n, high = 0n } = watermarks.get(partition) ?? {};
        const next = stored.get(partition) ?? low;
        // Beyond the end of the topic: it was created again, and is read from its start.
        return [partition, next < low || next > high ? low : next];
      }),
    );
  }

  /**
   * Applies a batch, or seeks to the view's offset. What is too much for one transaction is halved
   * at the next attempt. Throws while PostgreSQL, or a required store, is unavailable.
   */
  async apply(batch: KafkaBatch, control: BatchControl): Promise<void> {
    await this.options.pace?.(batch.records.length);
    await this.applyParts(batch, control);
    this.most *= 2;
    this.lastAppliedAt = Date.now();
  }

  /** Returns false if the consumer is to read from somewhere else. */
  private async applyParts(batch: KafkaBatch, control: BatchControl): Promise<boolean> {
    const { length } = batch.records;
    if (length > this.most) return this.applyHalves(batch, control);
    try {
      return await this.applyWhole(batch, control);
    } catch (error) {
      if (isTooLong(error) && length > 1) {
        this.most = Math.min(this.most, Math.floor(length / 2));
        const { partition } = batch;
        this.options.logger.warn(
          { view: this.key, partition, records: length },
          'a batch takes too long and is halved',
        );
      }
      throw error;
    }
  }

  /** A row that fits in no column must not delay the others: find it, and park its entity. */
  private async applyWhole(batch: KafkaBatch, control: BatchControl): Promise<boolean> {
    try {
      return await this.applyPart(batch, control);
    } catch (error) {
      if (!isBadValue(error)) throw error;
      if (batch.records.length > FEW_RECORDS) return this.applyHalves(batch, control);
      return this.applyPart(batch, control, true);
    }
  }

  private async applyHalves(batch: KafkaBatch, control: BatchControl): Promise<boolean> {
    const [first, second] = halvesOf(batch);
    return (await this.applyParts(first, control)) && this.applyParts(second, control);
  }

  private async applyPart(batch: KafkaBatch, control: BatchControl, isApart = false): Promise<boolean> {
    const { events, unreadable } = this.decode(batch);
    const { pool, permit, batchMilliseconds: milliseconds } = this.options;
    const work = async (client: PoolClient): Promise<boolean> => {
      const isNext = await this.isNext(client, batch, control);
      await permit?.(client);
      if (!isNext) return false;
      if (unreadable.length > 0) await noteUnreadable(client, this.key, batch, unreadable);
      if (isApart) await this.folder.foldApart(client, events);
      else await this.folder.foldTogether(client, events);
      await saveOffset(client, this.key, batch);
      return true;
    };
    const isApplied = await inTransaction(pool, work, { milliseconds });
    if (isApplied) this.left.set(batch.partition, batch.nextOffset);
    await this.options.atStep?.('projected', passingOf(events));
    return isApplied;
  }

  /**
   * The first batch after an assignment must continue at the view's offset. The group's offsets may
   * be ahead of it (its tables were restored from a backup, or are new), and a first batch may have
   * been fetched before the consumer was told where to start. After that the consumer continues by
   * itself, until the view's rows are exchanged for others with another offset.
   */
  private async isNext(client: PoolClient, batch: KafkaBatch, control: BatchControl): Promise<boolean> {
    const expected = (await lockOffset(client, this.key, batch)) ?? 0n;
    const isWhereItWas = (this.left.get(batch.partition) ?? expected) === expected;
    if (isWhereItWas && this.positioned.get(batch.partition) === control.generation) return true;
    const isAhead = batch.fetchedOffset > expected;
    const low = isAhead ? await this.lowWatermark(batch) : 0n;
    this.positioned.set(batch.partition, control.generation);
    if (!isAhead || batch.fetchedOffset <= low) return true;
    this.options.logger.warn(
      { partition: batch.partition, at: String(batch.fetchedOffset), expected: String(expected) },
      'the consumer group is ahead of the view: reading again',
    );
    this.left.set(batch.partition, expected);
    control.seek(expected > low ? expected : low);
    return false;
  }

  private async lowWatermark({ topic, partition }: KafkaBatch): Promise<bigint> {
    const watermarks = await this.options.kafka.watermarks(topic);
    return watermarks.get(partition)?.low ?? 0n;
  }

  private decode({ records }: KafkaBatch) {
    const events: PublishedEvent[] = [];
    const unreadable: UnreadableRecord[] = [];
    for (const record of records) {
      try {
        events.push(fromCloudEvent(record));
      } catch (error) {
        if (!(error instanceof UnreadableRecordError)) throw error;
        unreadable.push({ offset: record.offset, reason: error.message });
        this.options.logger.error(
          { topic: record.topic, partition: record.partition, offset: String(record.offset), err: error },
          'a record is not an event and is skipped',
        );
      }
    }
    return { events, unreadable };
  }
}

/** The same records in two consecutive batches. */
function halvesOf(batch: KafkaBatch): readonly [KafkaBatch, KafkaBatch] {
  const middle = Math.ceil(batch.records.length / 2);
  const records = batch.records.slice(middle);
  const at = records[0]?.offset ?? batch.nextOffset;
  return [
    { ...batch, records: batch.records.slice(0, middle), nextOffset: at },
    { ...batch, records, fetchedOffset: at },
  ];
}

/** Abandoned by us, or cancelled by PostgreSQL on our behalf. */
function isTooLong(error: unknown): boolean {
  const isCancelled = error instanceof DatabaseError && error.code === '57014';
  return isCancelled || error instanceof TransactionTimeoutError;
}
