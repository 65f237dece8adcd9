import type { Pool } from 'pg';
import type { AtStep } from '#libs/decider/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { ChangeLog } from '#libs/kafka/change-log.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import { GrowingPause } from '#libs/kafka/growing-pause.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { Logger } from '#libs/observability/logger.js';
import { migrateReadModel } from './migrate.js';
import { type ProjectionHealth, ProjectionHealthWatch } from './projection-health.js';
import { createProjectorMicroservice, type ProjectorMicroservice } from './projector-microservice.js';
import { MigrationChangedError } from './read-model.errors.js';
import { groupOf, type ViewRegistration } from './view-registration.js';
import { viewKey } from './view-definition.js';

export interface StartProjectorOptions {
  readonly kafka: Kafka;
  readonly pool: Pool;
  readonly store: EventStore;
  readonly views: readonly ViewRegistration[];
  /** First part of the consumer groups: the service, `account`. */
  readonly groupPrefix: string;
  readonly logger: Logger;
  /** Of commands `projected`. */
  readonly atStep?: AtStep;
}

/** The running projector of a service. */
export interface RunningProjector {
  /** One entry a view. */
  health(): readonly ProjectionHealth[];
  close(): Promise<void>;
}

/**
 * Starts the projector role: applies the migrations, makes the topics, and keeps every view in a consumer group of its
 * own. Returns at once; servers that are away are waited for. A migration that was changed after it was applied stops it
 * for good, and shows in `health()`.
 */
export function startProjector(options: StartProjectorOptions): RunningProjector {
  const projector = new ProjectorRole(options);
  projector.start();
  return projector;
}

class ProjectorRole implements RunningProjector {
  private readonly stopping = new AbortController();
  private readonly microservices: ProjectorMicroservice[] = [];
  private readonly watches: ProjectionHealthWatch[] = [];
  private readonly changes: ChangeLog;
  private starting: Promise<void> = Promise.resolve();

  constructor(private readonly options: StartProjectorOptions) {
    this.changes = new ChangeLog(options.logger);
  }

  start(): void {
    this.starting = this.startWhenPossible();
  }

  health(): readonly ProjectionHealth[] {
    if (this.watches.length > 0) return this.watches.map((watch) => watch.health());
    return this.options.views.map(({ view }) => ({
      view: viewKey(view),
      state: 'starting',
      lag: undefined,
      lastProgressAt: undefined,
      parkedEntities: 0,
      failure: this.changes.current,
    }));
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.starting;
    await Promise.all([
      ...this.watches.map((watch) => watch.close()),
      ...this.microservices.map(({ app }) => app.close()),
    ]);
  }

  private async startWhenPossible(): Promise<void> {
    const { signal } = this.stopping;
    const pause = new GrowingPause(250, 5_000);
    while (!signal.aborted) {
      try {
        await this.prepare();
        await this.startViews();
        this.changes.well();
        return;
      } catch (error) {
        this.changes.failing('the projector waits', error);
        if (error instanceof MigrationChangedError) return;
      }
      await pause.wait(signal);
    }
  }

  private async prepare(): Promise<void> {
    const { kafka, pool, views } = this.options;
    await migrateReadModel(
      pool,
      views.map(({ migration }) => migration),
    );
    const categories = new Set(views.map(({ view }) => view.category));
    await kafka.ensureTopics([...categories].map((category) => eventTopicSpec(category)));
  }

  private async startViews(): Promise<void> {
    const { views, groupPrefix } = this.options;
    const { kafka, pool, store, logger, atStep } = this.options;
    for (const { view } of views.slice(this.microservices.length)) {
      if (this.stopping.signal.aborted) return;
      const groupId = groupOf(groupPrefix, view);
      const microservice = await createProjectorMicroservice({
        view,
        kafka,
        pool,
        store,
        logger,
        groupId,
        ...(atStep && { atStep }),
      });
      this.microservices.push(microservice);
      await microservice.app.listen();
      this.watches.push(new ProjectionHealthWatch(view, kafka, pool, microservice));
    }
  }
}
