import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { AtStep } from '#libs/core/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { Logger } from '#libs/runtime/logger.js';
import { migrateReadModel } from './migrate.js';
import { type ProjectionHealth, ProjectionHealthWatch } from './projection-health.js';
import { MigrationChangedError, TableChangedError } from './read-model.errors.js';
import { resumeTakeUps } from './parking/resume-take-ups.js';
import { loadExchanges } from './rebuild/rebuild-jobs.js';
import { RebuildRunner } from './rebuild/rebuild-runner.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { ViewConsumers } from './view-consumers.js';
import { buildIndexes } from './view-indexes.js';

export interface StartProjectorOptions {
  readonly kafka: Kafka;
  readonly pool: Pool;
  readonly store: EventStore;
  readonly views: readonly AnyView[];
  /** The first part of the consumer groups' names: the service, `account`. */
  readonly groupPrefix: string;
  readonly logger: Logger;
  /** A view with work to do and no progress for this long is `stalled`. 30 s by default. */
  readonly stalledMilliseconds?: number;
  /** Called when commands are `projected`. */
  readonly atStep?: AtStep;
  /** The longest that the transaction of a batch may take. 30 s by default. */
  readonly batchMilliseconds?: number;
  /** How long a view that would hold up the others is read apart at least. 30 s by default. */
  readonly apartMilliseconds?: number;
}

/** The running projector of a service. */
export interface RunningProjector {
  /** One entry per view. */
  health(): readonly ProjectionHealth[];
  close(): Promise<void>;
}

/**
 * Starts the projector role: creates tables and topics, and keeps all views in one consumer group,
 * apart from those that would hold up the others. Returns at once and waits for servers that are
 * unavailable. A migration that changed after it was applied, or a table that differs from its
 * declaration, stops the projector for good and shows in `health()`.
 */
export function startProjector(options: StartProjectorOptions): RunningProjector {
  const projector = new ProjectorRole(options);
  projector.start();
  return projector;
}

const SUPERVISE_MILLISECONDS = 2_000;

class ProjectorRole implements RunningProjector {
  private readonly stopping = new AbortController();
  private readonly changes: ChangeLog;
  private readonly rebuilds: RebuildRunner;
  private readonly watch: ProjectionHealthWatch;
  private readonly consumers: ViewConsumers;
  /** For each view, how often its rows had been exchanged when its consumer started. */
  private exchanges: ReadonlyMap<string, number> = new Map();
  private starting: Promise<void> = Promise.resolve();
  private indexing: Promise<void> = Promise.resolve();
  private resuming: Promise<void> = Promise.resolve();

  constructor(private readonly options: StartProjectorOptions) {
    this.changes = new ChangeLog(options.logger);
    this.rebuilds = new RebuildRunner(options);
    this.watch = new ProjectionHealthWatch(options.kafka, options.pool, options.stalledMilliseconds);
    this.consumers = new ViewConsumers(options, this.watch);
  }

  start(): void {
    this.starting = this.startWhenPossible();
  }

  health(): readonly ProjectionHealth[] {
    return this.options.views.map((view) => {
      const key = viewKey(view);
      return (
        this.watch.health(view) ?? {
          view: key,
          state: 'starting',
          lag: undefined,
          lastProgressAt: undefined,
          parkedEntities: 0,
          failure: this.changes.current,
          isApart: false,
        }
      );
    });
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.starting, this.indexing, this.resuming]);
    await Promise.all([this.watch.close(), this.rebuilds.close(), this.consumers.close()]);
  }

  private async startWhenPossible(): Promise<void> {
    const { signal } = this.stopping;
    const pause = new GrowingPause(250, 5_000);
    while (!signal.aborted) {
      try {
        await this.prepare();
        await this.consumers.start();
        this.changes.well();
        this.indexing = this.indexWhenPossible();
        this.resuming = this.resumeTakeUps();
        return await this.supervise();
      } catch (error) {
        this.changes.failing('the projector is waiting', error);
        if (error instanceof MigrationChangedError || error instanceof TableChangedError) return;
      }
      await pause.wait(signal);
    }
  }

  private async prepare(): Promise<void> {
    const { kafka, pool, views } = this.options;
    await migrateReadModel(pool, views);
    const categories = new Set(views.map(({ category }) => category));
    await kafka.ensureTopics([...categories].map((category) => eventTopicSpec(category)));
    this.exchanges = await this.loadExchanges();
  }

  /**
   * Runs while the views are updated, because the index of a large table takes a while to build.
   */
  private async indexWhenPossible(): Promise<void> {
    const { pool, views, logger } = this.options;
    const { signal } = this.stopping;
    const changes = new ChangeLog(logger);
    const pause = new GrowingPause(250, 30_000);
    while (!signal.aborted) {
      try {
        await buildIndexes({ pool, views, logger, signal });
        return changes.well();
      } catch (error) {
        if (!signal.aborted) changes.failing('the indexes of the views are not complete', error);
      }
      await pause.wait(signal);
    }
  }

  /** Runs while the views are updated, because an entity may have many events to fold. */
  private async resumeTakeUps(): Promise<void> {
    const { pool, store, views, logger } = this.options;
    const { signal } = this.stopping;
    const changes = new ChangeLog(logger);
    while (!signal.aborted) {
      try {
        await resumeTakeUps({ pool, store, logger, signal, views });
        changes.well();
      } catch (error) {
        if (!signal.aborted) changes.failing('an entity that is catching up cannot continue', error);
      }
      await sleep(SUPERVISE_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * Follows the operators' actions (rebuilds, and views whose rows were exchanged for rebuilt
   * ones), and which views are to be read apart.
   */
  private async supervise(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await sleep(SUPERVISE_MILLISECONDS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.rebuilds.follow();
        await this.beginAnewWhereExchanged();
        await this.consumers.follow();
        this.changes.well();
      } catch (error) {
        this.changes.failing('operator actions and views cannot be followed', error);
      }
    }
  }

  /** The offsets were exchanged along with the rows: a new consumer starts from those. */
  private async beginAnewWhereExchanged(): Promise<void> {
    const exchanges = await this.loadExchanges();
    const exchanged = this.options.views.filter((view) => {
      return exchanges.get(viewKey(view)) !== this.exchanges.get(viewKey(view));
    });
    if (exchanged.length > 0) {
      this.options.logger.info({ views: exchanged.map(viewKey) }, 'the rows of views were exchanged');
      await this.consumers.beginAnew(exchanged);
    }
    this.exchanges = exchanges;
  }

  private loadExchanges(): Promise<ReadonlyMap<string, number>> {
    const { pool, views } = this.options;
    return loadExchanges(pool, views.map(viewKey));
  }
}
