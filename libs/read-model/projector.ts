import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { type AtStep, passingOf } from '#libs/core/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { BatchControl, Kafka, KafkaBatch } from '#libs/kafka/kafka.js';
import type { Logger } from '#libs/runtime/logger.js';
import { applyBatches, type BatchFolder, type Expected, type Taken } from './apply-batches.js';
import { decodeBatch, halvesOf } from './decoded-batch.js';
import { loadOffsets, resumeAt } from './partition-offset.js';
import { TransactionTimeoutError } from './read-model.errors.js';
import { tracedProjection } from './traced-projection.js';
import { inTransaction } from './transaction.js';
import { noteUnreadable } from './unreadable-records.js';
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
  /** The longest that it may wait for a lock. Default: as long as it may take. */
  readonly lockMilliseconds?: number | undefined;
}

/** At most this many are not committed separately when PostgreSQL refuses a row of one of them. */
const FEW_RECORDS = 50;

/**
 * Applies batches of a topic to one view. Rows, revisions of entities and the partition's offset
 * change in one transaction, so a batch counts once however often it is delivered.
 */
export class Projector implements BatchFolder {
  /** Time of the last applied batch, in milliseconds since 1970. */
  lastAppliedAt: number | undefined;
  readonly key: string;
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
      partitions.map((partition) => [partition, resumeAt(stored.get(partition), watermarks.get(partition))]),
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
          { view: this.key, partition, count: length },
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
    const { pool, logger, batchMilliseconds: milliseconds, lockMilliseconds } = this.options;
    const decoded = decodeBatch(batch, logger);
    const { generation } = control;
    const work = (client: PoolClient) =>
      applyBatches(client, [{ view: this, batch: decoded, generation }], isApart);
    const [taken] = await tracedProjection([decoded], new Set([this.key]), () =>
      inTransaction(pool, work, { milliseconds, lockMilliseconds }),
    );
    const isApplied = this.committed(batch, control, taken as Taken);
    await this.options.atStep?.('projected', passingOf(decoded.events));
    return isApplied;
  }

  async foldIn(
    client: PoolClient,
    batches: readonly Expected[],
    isApart: boolean,
  ): Promise<readonly Taken[]> {
    const taken = await Promise.all(batches.map((each) => this.judge(each)));
    await this.options.permit?.(client);
    const due = batches.filter((_, index) => taken[index]?.readFrom === undefined).map(({ batch }) => batch);
    for (const batch of due) {
      if (batch.unreadable.length > 0) await noteUnreadable(client, this.key, batch, batch.unreadable);
    }
    const events = due.flatMap((batch) => batch.events);
    if (events.length === 0) return taken;
    if (isApart) await this.folder.foldApart(client, events);
    else await this.folder.foldTogether(client, events);
    return taken;
  }

  /** Notes what a committed transaction did. Returns false if the consumer reads from elsewhere. */
  committed({ partition, fetchedOffset }: KafkaBatch, control: BatchControl, taken: Taken): boolean {
    const { next, readFrom } = taken;
    this.positioned.set(partition, control.generation);
    this.left.set(partition, next);
    this.lastAppliedAt = Date.now();
    if (readFrom === undefined) return true;
    this.options.logger.warn(
      { view: this.key, partition, at: String(fetchedOffset), expected: String(next) },
      'the consumer group is ahead of the view: reading again',
    );
    control.seek(readFrom);
    return false;
  }

  /**
   * The first batch after an assignment must continue at the view's offset. The group's offsets may
   * be ahead of it (its tables were restored from a backup, or are new), and a first batch may have
   * been fetched before the consumer was told where to start. After that the consumer continues by
   * itself, until the view's rows are exchanged for others with another offset.
   *
   * If another consumer has taken the view further than this batch, its offset stays. It goes back
   * only on a topic that was created again, where the view is beyond the end.
   */
  private async judge({ batch, expected, generation }: Expected): Promise<Taken> {
    const { partition, fetchedOffset, nextOffset } = batch;
    const isWhereItWas = (this.left.get(partition) ?? expected) === expected;
    const isPositioned = isWhereItWas && this.positioned.get(partition) === generation;
    if (fetchedOffset > expected && !isPositioned) {
      const { low } = await this.watermarksOf(batch);
      if (fetchedOffset > low) return { next: expected, readFrom: expected > low ? expected : low };
    }
    const isBefore = nextOffset < expected && expected <= (await this.watermarksOf(batch)).high;
    return { next: isBefore ? expected : nextOffset };
  }

  private async watermarksOf({ topic, partition }: KafkaBatch): Promise<{ low: bigint; high: bigint }> {
    const watermarks = await this.options.kafka.watermarks(topic);
    return watermarks.get(partition) ?? { low: 0n, high: 0n };
  }
}

/** Abandoned by us, or cancelled by PostgreSQL on our behalf. */
function isTooLong(error: unknown): boolean {
  const isCancelled = error instanceof DatabaseError && error.code === '57014';
  return isCancelled || error instanceof TransactionTimeoutError;
}
