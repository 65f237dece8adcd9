import { setTimeout as sleep } from 'node:timers/promises';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { Stoppable } from '#libs/api/http/run-service.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import { viewKey } from '#libs/core/view-definition.js';
import { countLeftOut, countPutOff, countReconciled } from '../proof/drift-metrics.js';
import { type Clock, HALF_THE_TIME, Pace } from '../proof/pace.js';
import { reconcileEntity } from '../proof/reconcile-entity.js';
import type { ProvenCategory, StateProofDependencies } from '../proof/state-proof.dependencies.js';

/**
 * Comparing an entity takes memory for the rows of all its events. What has more events than this is left to the doctor. For
 * an account that is some 30 MB.
 */
const MAX_EVENTS = 20_000;
/** Work on comparisons in a round. It is done in a process that has entities to run. */
const WORK_MILLISECONDS = 3_000;

export interface ReconcilerOptions extends StateProofDependencies {
  /** Seconds between two samples; 0: never. */
  readonly everySeconds: number;
  /** Entities of each category in a sample, beside those that changed last. */
  readonly entities: number;
  /** Takes half of the time at most, unless said otherwise. */
  readonly clock?: Clock;
}

/**
 * Compares entities with their streams, for ever and a few at a time, and heals what differs: in each round of a category the
 * next ones in the order of their names, and those that changed last. So each is looked at again and again, however many there
 * are, unless it has so many events that it is left to the doctor. Any number of processes may do so.
 *
 * The work is done in small pieces, and a round has a limited time for it. Once the time is used up, no further entity is
 * begun: the next round starts with the next category, and each category resumes after the last entity that was compared. An
 * entity that takes longer than a round is finished, and uses up the time of the rounds after it.
 */
export function startReconciler(options: ReconcilerOptions): Stoppable {
  const stopping = new AbortController();
  const running = new Reconciler(options).run(stopping.signal);
  return {
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}

class Reconciler {
  /** The entity after which each category goes on. */
  private readonly reached = new Map<string, string>();
  private readonly changes: ChangeLog;
  /** Milliseconds of work that are left; below 0 when an entity took more. */
  private credit = 0;
  /** How many samples were taken, of one category after the other. */
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
        this.changes.failing('entities cannot be compared with their streams now', error);
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
        // One that fails again is passed over. The first time, a server may have been away.
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
      if ((await this.headOf(stream)) >= MAX_EVENTS) {
        countLeftOut();
        return;
      }
      const { drift } = await reconcileEntity(this.options, category, stream, { heal: true, pace });
      countReconciled(drift);
    } finally {
      this.credit -= pace.worked;
    }
  }

  /** The category goes on after the last of the entities before which none is left. */
  private reach({ category }: ProvenCategory, next: readonly string[], left: ReadonlySet<string>): void {
    const first = next.findIndex((stream) => left.has(stream));
    if (first < 0) this.reached.set(category, next.length < this.options.entities ? '' : (next.at(-1) ?? ''));
    else if (first > 0) this.reached.set(category, next[first - 1] ?? '');
  }

  private async headOf(stream: string): Promise<number> {
    const last = { direction: 'backwards', limit: 1 } as const;
    for await (const { revision } of this.options.store.read(stream, last)) return revision;
    return -1;
  }

  private async next({ category, views }: ProvenCategory): Promise<readonly string[]> {
    const { pool, entities } = this.options;
    // The last view of a category is an index, which knows of each entity.
    const view = views.map(viewKey).at(-1) ?? '';
    const { rows } = await pool.query<{ stream: string }>(
      'SELECT stream FROM read_model.entities WHERE view = $1 AND stream > $2 ORDER BY stream LIMIT $3',
      [view, this.reached.get(category) ?? '', entities],
    );
    return rows.map(({ stream }) => stream);
  }

  /** The last of each partition. */
  private changedLast({ category }: ProvenCategory): Promise<readonly string[]> {
    return this.options.kafka.readTail(eventsTopic(category), ({ key }) => key);
  }
}

/** The items of both lists by turns, so that neither keeps the other waiting. */
function inTurns<T>(some: readonly T[], others: readonly T[]): readonly T[] {
  const longest = Math.max(some.length, others.length);
  return Array.from({ length: longest }, (_, index) => [
    ...some.slice(index, index + 1),
    ...others.slice(index, index + 1),
  ]).flat();
}
