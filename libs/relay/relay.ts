import type { AtStep } from '#libs/core/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { ProducerFencedError } from '#libs/kafka/kafka.errors.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { Logger } from '#libs/runtime/logger.js';
import { unlessStopped } from '#libs/runtime/unless-stopped.js';
import type { HeldFolds } from './fold-cache.js';
import { RelayCheckpoint } from './relay-checkpoint.js';
import { CategoriesFailedError, LAST_COMMIT_MILLISECONDS, RelaySession } from './relay-session.js';
import { RelayedCategory } from './relayed-category.js';
import type { RelayedEntity } from './relayed-entity.js';
import type { RefillProgress } from './state-refill.js';

/** After failing for this long, another process may be more successful. */
const GIVE_UP_MILLISECONDS = 60_000;
const REPORT_MILLISECONDS = 1_000;

/** The progress of a relay with one of its categories. */
export interface RelayProgress {
  /** Position in the store of the last event on the topic. Absent if the topic is empty. */
  readonly position?: string;
  /** Events that this relay has published. */
  readonly relayed: number;
  /** Age of the oldest event that is not on the topic yet, or null while unknown. */
  readonly behindSeconds: number | null;
  /** Over the last ten seconds. */
  readonly eventsPerSecond: number;
  /** The cached folds, from which the next states are made. */
  readonly folds?: HeldFolds;
  /** The store holds nothing more for the topic up to here, so the next relay need not read it. */
  readonly checkpoint?: string;
  /** The progress of filling in missing states. Absent if none is missing. */
  readonly refill?: RefillProgress;
  /** Why this category is left out at present. */
  readonly failure?: string;
}

export interface RelayOptions {
  readonly service: string;
  /** By category, what the service publishes. */
  readonly entities: Readonly<Record<string, RelayedEntity>>;
  readonly kafka: Kafka;
  readonly store: EventStore;
  readonly logger: Logger;
  /** Ends the relay. */
  readonly signal: AbortSignal;
  /** Called after every transaction with the categories in it, and once a second with all. */
  readonly onProgress?: (category: string, progress: RelayProgress) => void;
  /** The relay fails after failing for this long. Default: a minute. */
  readonly giveUpMilliseconds?: number | undefined;
  /** Minimum time between two checkpoints. Default: half a minute. */
  readonly checkpointMilliseconds?: number | undefined;
  /** For commands that are `relayed`. */
  readonly atStep?: AtStep;
}

/** The transactional id of a service's relay, which only one holds at a time. */
export function relayTransactionalId(service: string): string {
  return `perdure.relay.service.${service}`;
}

/**
 * Publishes each event of a service's categories on its topic, exactly once and in store order for
 * readers of committed records. In the same transaction it publishes the state of each entity after
 * the last of these events, on the state topic. Concurrently, it fills in states that are missing
 * there.
 *
 * It first fences off any previous relay, and only then reads from the topics how far they are:
 * anything uncommitted by then never will be committed. So it does not matter how the previous
 * relay ended. A checkpoint in the store may let it skip events of others, and decides nothing
 * else. After a failure of the store or the broker it restarts the same way, with a growing pause.
 * A category that fails alone is left out for a while, and does not stop the others.
 *
 * Resolves when the signal aborts. Errors: `ProducerFencedError` if another relay took over; the
 * last failure if nothing succeeded for `giveUpMilliseconds`.
 */
export async function runRelay(options: RelayOptions): Promise<Readonly<Record<string, RelayProgress>>> {
  return new Relay(options).run();
}

class Relay {
  private readonly categories: ReadonlyMap<string, RelayedCategory>;
  private readonly checkpoint: RelayCheckpoint;
  private readonly changes: ChangeLog;
  private readonly pause = new GrowingPause(100, 5_000);
  private failingSince: number | undefined;

  constructor(private readonly options: RelayOptions) {
    const { service, entities, store, logger, checkpointMilliseconds: intervalMilliseconds } = options;
    this.checkpoint = new RelayCheckpoint({ service, store, logger, intervalMilliseconds });
    this.categories = new Map(
      Object.entries(entities).map(([name, entity]) => {
        return [name, new RelayedCategory(name, entity, store, logger)];
      }),
    );
    this.changes = new ChangeLog(logger.child({ relay: service }));
  }

  async run(): Promise<Readonly<Record<string, RelayProgress>>> {
    const ticking = setInterval(() => this.report([...this.categories.values()]), REPORT_MILLISECONDS);
    try {
      await this.keepRelaying();
    } finally {
      clearInterval(ticking);
    }
    const { signal } = this.options;
    await unlessStopped(this.checkpoint.close(), signal, LAST_COMMIT_MILLISECONDS).catch(() => undefined);
    return Object.fromEntries(
      [...this.categories].map(([name, category]) => [name, this.progress(category)]),
    );
  }

  private async keepRelaying(): Promise<void> {
    const { signal } = this.options;
    while (!signal.aborted) {
      try {
        await this.relayFromProof();
      } catch (error) {
        if (error instanceof ProducerFencedError) throw error;
        if (!signal.aborted && !this.isOfFew(error)) await this.failed(error);
      }
    }
  }

  private async relayFromProof(): Promise<void> {
    const { service, kafka, store, signal, atStep } = this.options;
    const { categories, checkpoint } = this;
    const producer = await kafka.openProducer(relayTransactionalId(service));
    const session = new RelaySession({
      kafka,
      store,
      producer,
      categories,
      checkpoint,
      signal,
      atStep,
      onProgress: (changed) => this.report(changed),
      onSuccess: () => this.succeeded(),
    });
    try {
      await session.run();
    } finally {
      await session.close();
      await producer.close();
    }
  }

  /**
   * Whether others can continue without those that failed. If several failed together, each is
   * tried apart from now on, and the next failure says whose it was.
   */
  private isOfFew(error: unknown): boolean {
    if (!(error instanceof CategoriesFailedError)) return false;
    const { categories, cause } = error;
    for (const category of categories) category.isSuspect = true;
    const [only] = categories;
    if (categories.length > 1 || !only) return false;
    const others = [...this.categories.values()].filter((category) => category !== only);
    if (others.every(({ suspension }) => suspension !== undefined)) return false;
    only.suspend(cause, this.options.signal);
    return true;
  }

  private async failed(failure: unknown): Promise<void> {
    const error = failure instanceof CategoriesFailedError ? failure.cause : failure;
    this.changes.failing('the relay is waiting', error);
    this.failingSince ??= Date.now();
    const { giveUpMilliseconds = GIVE_UP_MILLISECONDS, signal } = this.options;
    if (Date.now() - this.failingSince > giveUpMilliseconds) throw error;
    await this.pause.wait(signal);
  }

  private succeeded(): void {
    this.failingSince = undefined;
    this.pause.reset();
    this.changes.well();
  }

  private report(categories: readonly RelayedCategory[]): void {
    for (const category of categories) this.options.onProgress?.(category.name, this.progress(category));
  }

  private progress(category: RelayedCategory): RelayProgress {
    return category.progress(this.checkpoint.positionOf(category.name));
  }
}
