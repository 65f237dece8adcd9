import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import { passingOf } from '#libs/core/step.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import type { BatchControl, KafkaBatch } from '#libs/kafka/kafka.js';
import { applyBatches, type Taken } from './apply-batches.js';
import { type DecodedBatch, decodeBatch, halvesOf } from './decoded-batch.js';
import { Delivery, least } from './delivery.js';
import { loadOffsets, resumeAt } from './partition-offset.js';
import { Projector, type ProjectorOptions } from './projector.js';
import { tracedProjection } from './traced-projection.js';
import { inTransaction, onConnection } from './transaction.js';

export type JointProjectorOptions = Omit<ProjectorOptions, 'view' | 'pace' | 'permit'>;

/** A view that is further behind than this would hold up the others. */
export const MOST_BEHIND = 1_000;
/** Records in one transaction. */
const MOST_RECORDS = 500;
/** A view that takes longer, or waits longer for a lock, would hold up the others. */
const BATCH_MILLISECONDS = 5_000;
const LOCK_MILLISECONDS = 1_000;
/** How long PostgreSQL has to answer whether it is there. */
const ANSWER_MILLISECONDS = 1_000;

/** A view in the joint consumer. */
interface Attached {
  readonly view: AnyView;
  readonly projector: Projector;
}

/**
 * Applies the batches of a fetch to all attached views of their topics, in one transaction. If that
 * fails, each view applies each batch alone. A view that cannot do that either, or that is far
 * behind, is detached: no view stops another.
 */
export class JointProjector {
  /** By their keys, in the order in which every process locks their offsets. */
  private attached: ReadonlyMap<string, Attached> = new Map();
  private readonly waiting: Delivery[] = [];
  private isApplying = false;
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
    const { pool, kafka } = this.options;
    const [watermarks, ...stored] = await Promise.all([
      kafka.watermarks(topic),
      ...this.viewsOf(topic).map(({ projector }) => loadOffsets(pool, projector.key, topic)),
    ]);
    return new Map(
      partitions.map((partition) => {
        const marks = watermarks.get(partition);
        const starts = stored.map((offsets) => resumeAt(offsets.get(partition), marks));
        return [partition, starts.length > 0 ? least(starts) : (marks?.high ?? 0n)];
      }),
    );
  }

  /**
   * Applies a batch to all views, together with other batches that wait, or seeks to where one of
   * the views is. Throws while PostgreSQL is unavailable.
   */
  async apply(batch: KafkaBatch, control: BatchControl): Promise<void> {
    await this.applyParts(batch, control);
  }

  /** Returns false if the consumer is to read from somewhere else. */
  private async applyParts(batch: KafkaBatch, control: BatchControl): Promise<boolean> {
    if (batch.records.length > MOST_RECORDS) {
      const [first, second] = halvesOf(batch);
      return (await this.applyParts(first, control)) && this.applyParts(second, control);
    }
    const delivery = new Delivery(batch, control);
    this.waiting.push(delivery);
    if (!this.isApplying) void this.applyWaiting();
    return delivery.done;
  }

  private async applyWaiting(): Promise<void> {
    this.isApplying = true;
    // The batches of one fetch arrive in one turn.
    await nextTurn();
    while (this.waiting.length > 0) await this.applySome(this.takeWaiting());
    this.isApplying = false;
  }

  private takeWaiting(): readonly Delivery[] {
    let records = 0;
    const end = this.waiting.findIndex(({ batch }) => (records += batch.records.length) > MOST_RECORDS);
    return this.waiting.splice(0, end < 0 ? this.waiting.length : Math.max(1, end));
  }

  private async applySome(deliveries: readonly Delivery[]): Promise<void> {
    try {
      const decoded = await this.applyTogether(deliveries);
      if (!decoded) return await this.applyAlone(deliveries);
      await this.options.atStep?.('projected', passingOf(decoded.flatMap(({ events }) => events)));
      for (const delivery of deliveries) delivery.settle();
    } catch (error) {
      for (const delivery of deliveries) delivery.fail(error);
    }
  }

  /** Returns undefined if the transaction failed, for whatever reason. */
  private async applyTogether(deliveries: readonly Delivery[]): Promise<readonly DecodedBatch[] | undefined> {
    const { pool, logger, batchMilliseconds: milliseconds, lockMilliseconds } = this.options;
    const decoded = deliveries.map(({ batch }) => decodeBatch(batch, logger));
    const applications = [...this.attached.values()].flatMap(({ view, projector }) =>
      deliveries.flatMap((delivery, index) => {
        const batch = decoded[index] as DecodedBatch;
        const isOfView = batch.topic === eventsTopic(view.category);
        return isOfView
          ? [{ view: projector, of: view, batch, generation: delivery.generation, delivery }]
          : [];
      }),
    );
    if (applications.length === 0) return decoded;
    try {
      const work = (client: PoolClient) => applyBatches(client, applications);
      const views = new Set(applications.map(({ view }) => view.key));
      const taken = await tracedProjection(decoded, views, () =>
        inTransaction(pool, work, { milliseconds, lockMilliseconds }),
      );
      for (const [index, { view, of, delivery }] of applications.entries()) {
        view.committed(delivery.batch, this.controlOf(of, delivery), taken[index] as Taken);
      }
      return decoded;
    } catch (error) {
      logger.debug({ err: error }, 'each view applies the batches alone');
      return undefined;
    }
  }

  private async applyAlone(deliveries: readonly Delivery[]): Promise<void> {
    for (const delivery of deliveries) {
      for (const each of this.viewsOf(delivery.batch.topic)) await this.applyTo(each, delivery);
      delivery.settle();
    }
  }

  /** Leaves the view out if it cannot apply the batch. */
  private async applyTo({ view, projector }: Attached, delivery: Delivery): Promise<void> {
    try {
      await projector.apply(delivery.batch, this.controlOf(view, delivery));
    } catch (error) {
      // No view's fault, and all of them wait.
      if (!(await isReachable(this.options.pool))) throw error;
      this.leave(view, error);
    }
  }

  private controlOf(view: AnyView, delivery: Delivery): BatchControl {
    return {
      generation: delivery.generation,
      seek: (offset) => {
        if (delivery.batch.fetchedOffset - offset <= MOST_BEHIND) delivery.want(offset);
        else this.leave(view, new RangeError('it is far behind the others'));
      },
    };
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

function isReachable(pool: Pool): Promise<boolean> {
  const ask = (client: PoolClient) => client.query('SELECT 1');
  return onConnection(pool, ask, { milliseconds: ANSWER_MILLISECONDS }).then(
    () => true,
    () => false,
  );
}
