import { setTimeout as sleep } from 'node:timers/promises';
import { eventsTopic } from '#contracts/entity-contract.js';
import { lastRevision } from '#libs/event-store/stream-end.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import { type Background, inBackground } from '#libs/runtime/in-background.js';
import { viewKey } from '#libs/core/view-definition.js';
import { entitiesAfter } from '#libs/read-model/listed-entities.js';
import { countLeftOut, countPutOff, countReconciled } from '../proof/drift-metrics.js';
import { type Clock, HALF_THE_TIME, Pace } from '../proof/pace.js';
import { reconcileEntity } from '../proof/reconcile-entity.js';
import type { ProvenCategory, StateProofDependencies } from '../proof/state-proof.dependencies.js';

/**
 * Comparing an entity takes memory for the rows of all its events, some 30 MB for an account of
 * this size. Entities with more events are left to the doctor.
 */
const MAX_EVENTS = 20_000;
/** Time for comparisons in a round, in a process that also has entities to run. */
const WORK_MILLISECONDS = 3_000;

export interface ReconcilerOptions extends StateProofDependencies {
  /** Seconds between two samples, or 0 for never. */
  readonly everySeconds: number;
  /** Entities of each category in a sample, in addition to those that changed last. */
  readonly entities: number;
  /** Default: takes at most half of the time. */
  readonly clock?: Clock;
}

/**
 * Compares entities with their streams in the background, a few at a time, and heals what differs.
 * Each round of a category takes the next entities in order of name, and those that changed last.
 * So every entity is examined repeatedly, however many there are, except for those with so many
 * events that they are left to the doctor. Any number of processes may run it.
 *
 * The work is done in small pieces, and its time per round is limited. Once that is used up, no
 * further entity is started: the next round starts with the next category, and each category
 * resumes after the last entity that was compared. An entity that takes longer than a round is
 * finished, at the expense of the following rounds.
 */
export function startReconciler(options: ReconcilerOptions): Background {
  return inBackground((signal) => new Reconciler(options).run(signal));
}

class Reconciler {
  /** The entity after which each category resumes. */
  private readonly reached = new Map<string, string>();
  private readonly changes: ChangeLog;
  /** Remaining milliseconds of work, negative if an entity took more. */
  private credit = 0;
  /** Number of samples so far. Categories take turns. */
  private samples = 0;
  /** The entity at which the last round failed. */
  private failed: string | undefined;

  constructor(private readonly options: ReconcilerOptions) {
    this.changes = new ChangeLog(options.logger);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { everySeconds } = this.options;
    if (everySeconds === 0) return;
    for (;;) {
      await sleep(everySeconds * 1_000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.round(signal);
        this.changes.well();
      } catch (error) {
        if (signal.aborted) return;
        this.changes.failing('entities cannot be compared with their streams at present', error);
      }
    }
  }

  private async round(signal: AbortSignal): Promise<void> {
    const { categories } = this.options;
    this.credit = Math.min(this.credit + WORK_MILLISECONDS, WORK_MILLISECONDS);
    for (let count = 0; count < categories.length && this.credit > 0; count += 1) {
      const category = categories[this.samples % categories.length];
      this.samples += 1;
      if (category) await this.sample(category, signal);
    }
  }

  private async sample(category: ProvenCategory, signal: AbortSignal): Promise<void> {
    const next = await this.next(category);
    const left = new Set(inTurns(next, await this.changedLast(category)));
    try {
      for (const stream of left) {
        if (this.credit <= 0) break;
        // One that fails again is skipped. The first time, a server may have been unavailable.
        if (this.failed === stream) left.delete(stream);
        this.failed = stream;
        await this.compare(category, stream, signal);
        this.failed = undefined;
        left.delete(stream);
      }
      countPutOff(left.size);
    } finally {
      this.reach(category, next, left);
    }
  }

  private async compare(category: ProvenCategory, stream: string, signal: AbortSignal): Promise<void> {
    const { clock = HALF_THE_TIME } = this.options;
    const pace = new Pace(clock, signal);
    try {
      signal.throwIfAborted();
      if ((await lastRevision(this.options.store, stream)) >= MAX_EVENTS) {
        countLeftOut();
        return;
      }
      const { drift } = await reconcileEntity(this.options, category, stream, { heal: true, pace });
      countReconciled(drift);
    } finally {
      this.credit -= pace.worked;
    }
  }

  /** The category resumes after the last entity up to which all are done. */
  private reach({ category }: ProvenCategory, next: readonly string[], left: ReadonlySet<string>): void {
    const first = next.findIndex((stream) => left.has(stream));
    if (first < 0) this.reached.set(category, next.length < this.options.entities ? '' : (next.at(-1) ?? ''));
    else if (first > 0) this.reached.set(category, next[first - 1] ?? '');
  }

  private next({ category, views }: ProvenCategory): Promise<readonly string[]> {
    const { pool, entities } = this.options;
    // The last view of a category is an index, which has every entity.
    const view = views.map(viewKey).at(-1) ?? '';
    return entitiesAfter(pool, { view, after: this.reached.get(category) ?? '', limit: entities });
  }

  /** The last of each partition. */
  private changedLast({ category }: ProvenCategory): Promise<readonly string[]> {
    return this.options.kafka.readTail(eventsTopic(category), ({ key }) => key);
  }
}

/** Alternates between both lists, so that neither starves the other. */
function inTurns<T>(some: readonly T[], others: readonly T[]): readonly T[] {
  const longest = Math.max(some.length, others.length);
  return Array.from({ length: longest }, (_, index) => [
    ...some.slice(index, index + 1),
    ...others.slice(index, index + 1),
  ]).flat();
}
