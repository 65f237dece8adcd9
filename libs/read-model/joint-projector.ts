import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import { passingOf } from '#libs/core/step.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import type { BatchControl, KafkaBatch } from '#libs/kafka/kafka.js';
import { decodeBatch, halvesOf } from './decoded-batch.js';
import { Projector, type ProjectorOptions } from './projector.js';
import { inTransaction } from './transaction.js';

export type JointProjectorOptions = Omit<ProjectorOptions, 'view' | 'pace' | 'permit'>;

/** A view that is further behind than this would hold up the others. */
export const MOST_BEHIND = 1_000;
/** Records in one transaction. */
const MOST_RECORDS = 500;
/** A view that takes longer, or waits longer for a lock, would hold up the others. */
const BATCH_MILLISECONDS = 5_000;
const LOCK_MILLISECONDS = 1_000;

/** A view in the joint consumer. */
interface Attached {
  readonly view: AnyView;
  readonly projector: Projector;
}

/**
 * Applies each batch to all attached views of its topic, in one transaction. If that fails, each
 * view applies it alone. A view that cannot do that either, or that is far behind, is detached: no
 * view stops another.
 */
export class JointProjector {
  /** By their keys, in the order in which every process locks their offsets. */
  private attached: ReadonlyMap<string, Attached> = new Map();
  private readonly options: JointProjectorOptions;

  constructor(options: JointProjectorOptions) {
    const { batchMilliseconds = BATCH_MILLISECONDS } = options;
    const limits = {
      batchMilliseconds: Math.min(batchMilliseconds, BATCH_MILLISECONDS),
      lockMilliseconds: LOCK_MILLISECONDS,
    };
    this.options = { ...options, ...limits };
  }

  /** Includes a view from now on. The consumer has to start again where {@link startAt} says. */
  attach(view: AnyView): Projector {
    const projector = new Projector({ ...this.options, view });
    const all = [...this.attached, [viewKey(view), { view, projector }] as const];
    this.attached = new Map(all.sort(([one], [other]) => (one < other ? -1 : 1)));
    return projector;
  }

  /** Leaves a view out from now on. A transaction in progress may still apply it. */
  detach(view: AnyView): void {
    this.attached = new Map([...this.attached].filter(([key]) => key !== viewKey(view)));
  }

  has(view: AnyView): boolean {
    return this.attached.has(viewKey(view));
  }

  /** The least of the views' offsets in each partition; the end of the topic if it has no view. */
  async startAt(topic: string, partitions: readonly number[]): Promise<Map<number, bigint>> {
    const all = await Promise.all(
      this.viewsOf(topic).map(({ projector }) => projector.startAt(topic, partitions)),
    );
    if (all.length === 0) {
      const watermarks = await this.options.kafka.watermarks(topic);
      return new Map(partitions.map((partition) => [partition, watermarks.get(partition)?.high ?? 0n]));
    }
    return new Map(
      partitions.map((partition) => [partition, least(all.map((starts) => starts.get(partition) ?? 0n))]),
    );
  }

  /**
   * Applies a batch to all views, or seeks to where one of them is. Throws while PostgreSQL is
   * unavailable.
   */
  async apply(batch: KafkaBatch, control: BatchControl): Promise<void> {
    await this.applyParts(batch, control);
  }

  /** Returns false if the consumer is to read from somewhere else. */
  private async applyParts(batch: KafkaBatch, control: BatchControl): Promise<boolean> {
    const views = this.viewsOf(batch.topic);
    if (views.length === 0) return true;
    if (batch.records.length > MOST_RECORDS) {
      const [first, second] = halvesOf(batch);
      return (await this.applyParts(first, control)) && this.applyParts(second, control);
    }
    const wanted: bigint[] = [];
    const controlOf = ({ view }: Attached): BatchControl => ({
      generation: control.generation,
      seek: (offset) => {
        if (batch.fetchedOffset - offset <= MOST_BEHIND) wanted.push(offset);
        else this.leave(view, new RangeError('it is far behind the others'));
      },
    });
    const isApplied = await this.applyTogether(views, batch, controlOf);
    if (!isApplied) await this.applyAlone(views, batch, controlOf);
    if (wanted.length === 0) return true;
    control.seek(least(wanted));
    return false;
  }

  /** Returns false if the transaction failed, for whatever reason. */
  private async applyTogether(
    views: readonly Attached[],
    batch: KafkaBatch,
    controlOf: (attached: Attached) => BatchControl,
  ): Promise<boolean> {
    const { pool, logger, atStep, batchMilliseconds: milliseconds, lockMilliseconds } = this.options;
    const decoded = decodeBatch(batch, logger);
    const settled: (() => void)[] = [];
    try {
      await inTransaction(
        pool,
        async (client) => {
          for (const each of views) {
            const control = controlOf(each);
            const taken = await each.projector.applyIn(client, decoded, control.generation);
            settled.push(() => each.projector.committed(batch, control, taken));
          }
        },
        { milliseconds, lockMilliseconds },
      );
    } catch (error) {
      logger.debug(
        { topic: batch.topic, partition: batch.partition, err: error },
        'each view applies it alone',
      );
      return false;
    }
    for (const settle of settled) settle();
    await atStep?.('projected', passingOf(decoded.events));
    return true;
  }

  private async applyAlone(
    views: readonly Attached[],
    batch: KafkaBatch,
    controlOf: (attached: Attached) => BatchControl,
  ): Promise<void> {
    for (const each of views) {
      if (!this.has(each.view)) continue;
      try {
        await each.projector.apply(batch, controlOf(each));
      } catch (error) {
        // No view's fault, and all of them wait.
        if (!(await isReachable(this.options.pool))) throw error;
        this.leave(each.view, error);
      }
    }
  }

  private leave(view: AnyView, error: unknown): void {
    if (!this.has(view)) return;
    this.options.logger.warn({ view: viewKey(view), err: error }, 'the view would hold up the others');
    this.detach(view);
  }

  private viewsOf(topic: string): readonly Attached[] {
    return [...this.attached.values()].filter(({ view }) => eventsTopic(view.category) === topic);
  }
}

function least(offsets: readonly bigint[]): bigint {
  return offsets.reduce((one, other) => (one < other ? one : other));
}

function isReachable(pool: Pool): Promise<boolean> {
  return pool.query('SELECT 1').then(
    () => true,
    () => false,
  );
}
